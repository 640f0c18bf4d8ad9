namespace EdgeFleet.Shared.Messages;

/// <summary>The states of drift.</summary>
public static class DriftState
{
    /// <summary>The site's baseline is being learned; nothing is judged.</summary>
    public const string Learning = "learning";

    /// <summary>Windows look as the baseline does.</summary>
    public const string Steady = "steady";

    /// <summary>Enough windows of the last few do not.</summary>
    public const string Drifting = "drifting";
}

/// <summary>What a board knows of drift in one slot.</summary>
public sealed record DriftReport
{
    /// <summary>The worst of the segments' states, in the words of <see cref="DriftState"/>.</summary>
    public required string State { get; init; }

    /// <summary>Segments, at the least the one of now.</summary>
    public IReadOnlyList<DriftSegment> Segments { get; set; } = [];

    /// <summary>How far this site is from the package's training data, by the last profile: shown, never alarmed. The farthest features first, at most five.</summary>
    public IReadOnlyList<DriftFeatureSize> Package { get; set; } = [];
}

/// <summary>One segment, day or night.</summary>
public sealed record DriftSegment
{
    /// <summary><c>day</c> or <c>night</c>.</summary>
    public required string Segment { get; init; }

    /// <summary>One of <see cref="DriftState"/>.</summary>
    public required string State { get; init; }

    /// <summary>Since when, Unix ms of the device.</summary>
    public long Since { get; init; }

    /// <summary>Share of the baseline that is learned, 0 to 1.</summary>
    public double Progress { get; init; }

    /// <summary>Windows that were judged since the baseline was learned.</summary>
    public long Windows { get; init; }

    /// <summary>Causes by name, of the windows that made it drift; see <see cref="Statistics.DriftCause"/>.</summary>
    public IReadOnlyList<string> Causes { get; set; } = [];

    /// <summary>Features that drifted in the newest such window, the clearest first, at most five.</summary>
    public IReadOnlyList<DriftFeatureSize> Features { get; set; } = [];

    /// <summary>Estimated share of right answers in the newest window, in thousandths; null below the least count or without a calibration map.</summary>
    public int? Accuracy { get; init; }

    /// <summary>Lower end of its band.</summary>
    public int? AccuracyLow { get; init; }

    /// <summary>Upper end of its band.</summary>
    public int? AccuracyHigh { get; init; }

    /// <summary>Samples answered a minute in the newest window, in thousandths.</summary>
    public long? PerMinute { get; init; }
}

/// <summary>How far a feature is from what it is compared with.</summary>
public sealed record DriftFeatureSize
{
    /// <summary>Name of the feature.</summary>
    public required string Name { get; init; }

    /// <summary>1-Wasserstein distance in hundredths of the feature's spread in what it is compared with.</summary>
    public required int Size { get; init; }

    /// <summary>True when it went up, false when down; the size alone when the mean did not move.</summary>
    public required bool Up { get; init; }
}

/// <summary>Drift of a segment began, ended, or its baseline is learned.</summary>
public sealed record DriftChange
{
    /// <summary>State left.</summary>
    public required string From { get; init; }

    /// <summary>The segment as it is now.</summary>
    public required DriftSegment Now { get; init; }

    /// <summary>Windows of the last <see cref="Of"/> that differed.</summary>
    public int Seen { get; init; }

    /// <summary>Windows looked at.</summary>
    public int Of { get; init; }

    /// <summary>Model that served, as <c>name@version</c>.</summary>
    public required string Model { get; init; }
}
