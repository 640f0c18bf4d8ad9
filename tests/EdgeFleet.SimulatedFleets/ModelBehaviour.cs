namespace EdgeFleet.SimulatedFleets;

/// <summary>What a simulated package does on boards, beside the model before. Stated, so that a verdict can be right or wrong.</summary>
internal sealed record ModelBehaviour
{
    /// <summary>Name in tables.</summary>
    public required string Name { get; init; }

    /// <summary>True when it must not stay on a fleet.</summary>
    public bool IsBad { get; init; }

    /// <summary>Every board refuses it in rehearsal.</summary>
    public bool FailsRehearsal { get; init; }

    /// <summary>Chance that a board turns it back in probation because the agent died three times.</summary>
    public double CrashShare { get; init; }

    /// <summary>Factor on the time of a run. Boards themselves turn back only what is over three times as slow.</summary>
    public double Latency { get; init; } = 1;

    /// <summary>Factor on the energy of an inference.</summary>
    public double Energy { get; init; } = 1;

    /// <summary>By how much its confidence is lower.</summary>
    public double ConfidenceLess { get; init; }

    /// <summary>Share of answers that become the first label, whatever is seen.</summary>
    public double Collapse { get; init; }

    /// <summary>Share of answers that are any label by chance.</summary>
    public double AtRandom { get; init; }

    /// <summary>A good release: a little faster, some answers changed, as a model that was trained further.</summary>
    public static readonly ModelBehaviour Good = new() { Name = "good", Latency = 0.97, Energy = 0.98, ConfidenceLess = -0.01, AtRandom = 0.03 };

    /// <summary>What must be halted.</summary>
    public static readonly IReadOnlyList<ModelBehaviour> Bad =
    [
        new() { Name = "fails rehearsal", IsBad = true, FailsRehearsal = true },
        new() { Name = "wrong", IsBad = true, ConfidenceLess = 0.12, AtRandom = 0.5 },
        new() { Name = "slow", IsBad = true, Latency = 1.8 },
        new() { Name = "hungry", IsBad = true, Energy = 1.4 },
        new() { Name = "collapsed", IsBad = true, Collapse = 0.9, ConfidenceLess = -0.05 },
        new() { Name = "crashing", IsBad = true, CrashShare = 0.7 },
    ];

    /// <summary>Crashes on every board.</summary>
    public static readonly ModelBehaviour CrashesAlways = new() { Name = "crashes always", IsBad = true, CrashShare = 1 };
}
