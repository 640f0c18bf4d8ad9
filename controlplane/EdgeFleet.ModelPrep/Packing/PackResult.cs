using EdgeFleet.Shared.Models;

namespace EdgeFleet.ModelPrep.Packing;

/// <summary>How packing ended, when its input was usable.</summary>
public abstract record PackResult
{
    private PackResult()
    {
    }

    /// <summary>What was measured.</summary>
    public required PackageReport Report { get; init; }

    /// <summary>The package stands in its folder.</summary>
    /// <param name="Folder">Where.</param>
    /// <param name="Manifest">Its manifest.</param>
    /// <param name="Package">Name, version and digest.</param>
    /// <param name="Latency">Latency measured here, by variant; not part of the package's identity.</param>
    /// <param name="Warnings">What is worth knowing, one sentence each.</param>
    public sealed record Packed(
        string Folder, Manifest Manifest, PackageRef Package, IReadOnlyList<LatencyFigures> Latency, IReadOnlyList<string> Warnings) : PackResult;

    /// <summary>A variant disagrees with its float model; nothing was written.</summary>
    /// <param name="Reasons">One sentence for each such variant.</param>
    public sealed record Refused(IReadOnlyList<string> Reasons) : PackResult;
}

/// <summary>Latency of one variant on this machine, one thread.</summary>
/// <param name="Variant">Name of the variant.</param>
/// <param name="Runs">Runs measured.</param>
/// <param name="MedianMs">Median in milliseconds.</param>
/// <param name="P95Ms">95th percentile in milliseconds.</param>
/// <param name="Ratio">Time of the float model over this one's, median over blocks that took turns: above 1 is faster.</param>
/// <param name="RatioLow">Least of the blocks.</param>
/// <param name="RatioHigh">Greatest of the blocks.</param>
public sealed record LatencyFigures(string Variant, int Runs, double MedianMs, double P95Ms, double Ratio, double RatioLow, double RatioHigh);
