using System.Text.Json.Serialization;
using EdgeFleet.ControlPlane.Rollouts.Evidence;
using EdgeFleet.Shared.Api;

namespace EdgeFleet.ControlPlane.Rollouts;

/// <summary>What the decider is given: plain numbers, the gate and the version of the rules. Stored with each decision, so that it can be replayed.</summary>
internal sealed record DecisionInputs(RolloutFacts Facts, GateSettings Gate, int Rules);

/// <summary>A rollout as it stands at one moment.</summary>
internal sealed record RolloutFacts
{
    /// <summary>Number of the rollout.</summary>
    public required long Rollout { get; init; }

    /// <summary>The package, <c>name version</c>.</summary>
    public required string Package { get; init; }

    /// <summary>Waves of the plan.</summary>
    public required int Waves { get; init; }

    /// <summary>The waves that were started, the running one last.</summary>
    public required IReadOnlyList<WaveFacts> Told { get; init; }

    /// <summary>The moment.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>What the running models say; null where the gate does not ask, and in decisions of rules 1.</summary>
    public EvidenceFacts? Evidence { get; init; }

    /// <summary>The wave that runs.</summary>
    [JsonIgnore]
    public WaveFacts Current => Told[^1];
}

/// <summary>One wave: each device is in exactly one of the counts.</summary>
internal sealed record WaveFacts
{
    /// <summary>Number, from 1; the first is the canary.</summary>
    public required int Number { get; init; }

    /// <summary>When it was started.</summary>
    public required DateTimeOffset Started { get; init; }

    /// <summary>The last time that one of its devices said something new; null before the first.</summary>
    public DateTimeOffset? LastReport { get; init; }

    /// <summary>Since when as many as the gate needs keep the package; null while fewer do, and in decisions of rules 1.</summary>
    public DateTimeOffset? MetSince { get; init; }

    /// <summary>They keep the package.</summary>
    public int Committed { get; init; }

    /// <summary>The package serves and is watched.</summary>
    public int Probation { get; init; }

    /// <summary>They download, verify, rehearse or activate.</summary>
    public int UnderWay { get; init; }

    /// <summary>Connected, told, and inside the time to begin.</summary>
    public int Waiting { get; init; }

    /// <summary>Connected, and have said nothing about the wish by <see cref="GateSettings.StartedByMinutes"/>.</summary>
    public int Silent { get; init; }

    /// <summary>Began, and have not ended by <see cref="GateSettings.HealthyByMinutes"/>, whether connected or not. They stay in the share: a model that hangs boards must not pass for a quiet one.</summary>
    public int Late { get; init; }

    /// <summary>Not connected, and have not begun: neither failure nor success.</summary>
    public int Offline { get; init; }

    /// <summary>Refused for what is wrong with the package itself.</summary>
    public int Deterministic { get; init; }

    /// <summary>Failed after activation, by errors, latency or health, or before it in shadow on live samples.</summary>
    public int Statistical { get; init; }

    /// <summary>Failed by disk, link or heat: never the model's fault.</summary>
    public int Local { get; init; }

    /// <summary>A device that failed for the package's sake and what it says, <c>leaf-0117: ...</c>.</summary>
    public string? FirstFailure { get; init; }

    /// <summary>Devices of the wave.</summary>
    [JsonIgnore]
    public int Size => Committed + Probation + UnderWay + Waiting + Silent + Late + Offline + Deterministic + Statistical + Local;

    /// <summary>The first wave.</summary>
    [JsonIgnore]
    public bool IsCanary => Number == 1;

    /// <summary>Failures that are held against the package.</summary>
    [JsonIgnore]
    public int Failed => Deterministic + Statistical;

    /// <summary>Devices of which the end is known and counts.</summary>
    [JsonIgnore]
    public int Decided => Committed + Failed;

    /// <summary>Devices on which the package served, however briefly, or was refused for what it did in shadow.</summary>
    [JsonIgnore]
    public int Ran => Committed + Probation + Statistical;

    /// <summary>Devices over which the healthy share is taken.</summary>
    [JsonIgnore]
    public int Counted => Size - Offline - Silent - Local;

    /// <summary>Devices that have the package or are about to.</summary>
    [JsonIgnore]
    public int Holding => Committed + Probation + UnderWay + Late;
}
