namespace EdgeFleet.Shared.Statistics;

/// <summary>A window compared with a baseline.</summary>
public sealed record DriftVerdict
{
    /// <summary>Excess from which a feature has drifted.</summary>
    public required double Threshold { get; init; }

    /// <summary>Every feature.</summary>
    public required IReadOnlyList<FeatureDrift> Features { get; init; }

    /// <summary>Features that drifted, the clearest first.</summary>
    public IReadOnlyList<FeatureDrift> Drifted =>
        [.. Features.Where(f => f.Excess > Threshold && f.Distance >= DriftBaseline.LeastDistance).OrderByDescending(f => f.Excess)];

    /// <summary>True when any feature drifted.</summary>
    public bool HasDrifted => Features.Any(f => f.Excess > Threshold && f.Distance >= DriftBaseline.LeastDistance);
}

/// <summary>How far a feature is from its baseline.</summary>
public sealed record FeatureDrift
{
    /// <summary>Name.</summary>
    public required string Name { get; init; }

    /// <summary>Mean in the window.</summary>
    public double Mean { get; init; }

    /// <summary>Mean in the baseline.</summary>
    public double Usual { get; init; }

    /// <summary>1-Wasserstein distance in spreads of the feature.</summary>
    public required double Distance { get; init; }

    /// <summary>Difference of the means in spreads, with its sign.</summary>
    public required double Shift { get; init; }

    /// <summary>Distance against what windows of this length and dependence differ by themselves; 1 is usual.</summary>
    public required double Excess { get; init; }
}
