using System.Text.Json.Serialization;

namespace EdgeFleet.ControlPlane.Rollouts.Evidence;

/// <summary>Evidence from the running models as the decider is given it: plain numbers.</summary>
internal sealed record EvidenceFacts
{
    /// <summary>Devices that were told, ran an earlier package and have not failed, there or not.</summary>
    public required int Told { get; init; }

    /// <summary>Those of them on which the package runs.</summary>
    public required int Candidates { get; init; }

    /// <summary>Devices of later waves that still run an earlier package.</summary>
    public required int Controls { get; init; }

    /// <summary>The last look of this wave; null before the first.</summary>
    public LookFacts? Look { get; init; }
}

/// <summary>One look at the running models.</summary>
internal sealed record LookFacts
{
    /// <summary>Wave it was taken in.</summary>
    public required int Wave { get; init; }

    /// <summary>Its number in the wave, from 1.</summary>
    public required int Number { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The measures; empty where there was nobody to compare with.</summary>
    public IReadOnlyList<MeasureFacts> Measures { get; init; } = [];

    /// <summary>Devices on the package of which times or energy are known.</summary>
    public int Budgeted { get; init; }

    /// <summary>Those of them that are over a budget of the manifest.</summary>
    public int OverBudget { get; init; }

    /// <summary>One of them and by how much.</summary>
    public string? FirstOver { get; init; }

    /// <summary>How the devices on either side differ in what they are; null when they do not.</summary>
    public string? Unlike { get; init; }
}

/// <summary>One measure of a look: the shift of the candidates' own changes over those of the controls, plus is worse.</summary>
internal sealed record MeasureFacts
{
    /// <summary>The measure.</summary>
    public required Measure Measure { get; init; }

    /// <summary>Candidates that had a value before the rollout.</summary>
    public int CandidatesBefore { get; init; }

    /// <summary>Controls that had.</summary>
    public int ControlsBefore { get; init; }

    /// <summary>Candidates with a value before and after.</summary>
    public int Candidates { get; init; }

    /// <summary>Controls with both.</summary>
    public int Controls { get; init; }

    /// <summary>How often the measure was tested in this wave.</summary>
    public int Tested { get; init; }

    /// <summary>Estimate of the difference.</summary>
    public double Difference { get; init; }

    /// <summary>Lower bound; null where so few devices give none.</summary>
    public double? Lower { get; init; }

    /// <summary>Upper bound; null likewise.</summary>
    public double? Upper { get; init; }

    /// <summary>What the gate allows.</summary>
    public required double Allowed { get; init; }

    /// <summary>What the numbers say.</summary>
    [JsonIgnore]
    public MeasureVerdict Verdict => EvidenceJudge.VerdictOf(this);
}

/// <summary>What a measure says of a package.</summary>
internal enum MeasureVerdict
{
    /// <summary>The whole interval lies within the gate.</summary>
    Passes,

    /// <summary>The whole interval lies beyond the gate, or at the last look surely above nothing and by its best estimate beyond it.</summary>
    Fails,

    /// <summary>The interval reaches over the gate: more devices are needed to tell.</summary>
    TooFew,

    /// <summary>Devices that had values before have none now.</summary>
    NoData,

    /// <summary>This fleet does not have it: no meter on enough devices, or no telemetry before the rollout.</summary>
    NotMeasured,
}
