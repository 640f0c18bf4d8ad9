namespace EdgeFleet.SimulatedFleets;

/// <summary>One rollout to a simulated fleet.</summary>
internal sealed record Scenario
{
    /// <summary>Boards.</summary>
    public required int Boards { get; init; }

    /// <summary>What the package does.</summary>
    public required ModelBehaviour Model { get; init; }

    /// <summary>Seed of everything that is chance.</summary>
    public required int Seed { get; init; }

    /// <summary>Share of boards that are away when it begins; they return after some hours.</summary>
    public double AwayShare { get; init; } = 0.1;

    /// <summary>Boards that are away never return.</summary>
    public bool AwayForEver { get; init; }

    /// <summary>Share of boards with an energy meter.</summary>
    public double MeterShare { get; init; } = 1;

    /// <summary>Every board is connected and says nothing.</summary>
    public bool IsSilent { get; init; }

    /// <summary>Inputs drift on every board while the rollout runs, whatever model serves.</summary>
    public bool InputsDrift { get; init; }

    /// <summary>One board, not the canary, turns every package back.</summary>
    public bool HasFlakyBoard { get; init; }
}

/// <summary>How a trial ended.</summary>
/// <param name="Ending">Last decision, or <c>open</c> when the time was over.</param>
/// <param name="Activated">Boards on which the package ever served.</param>
/// <param name="Waves">Waves that were started.</param>
/// <param name="Hours">Time until then.</param>
/// <param name="Why">First sentence of the last decision.</param>
internal sealed record TrialResult(string Ending, int Activated, int Waves, double Hours, string Why)
{
    /// <summary>It was taken to all.</summary>
    public bool IsDone => Ending == "Done";

    /// <summary>It was turned back.</summary>
    public bool IsHalted => Ending == "Halt";
}
