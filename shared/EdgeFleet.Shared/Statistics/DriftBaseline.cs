using System.Text.Json.Serialization;
using EdgeFleet.Shared.Messages;

namespace EdgeFleet.Shared.Statistics;

/// <summary>
/// How a stream looks at one site when all is well, and how much windows of it differ by themselves. Learned from consecutive windows of the length that is judged;
/// decision 0006 has the reasons.
/// </summary>
public sealed record DriftBaseline
{
    /// <summary>Distance, in spreads of the feature, below which nothing is called drift, however sure it is.</summary>
    public const double LeastDistance = 0.1;

    // A mean of |z| of independent normal values is 0.8; below half of it a feature hardly varies between windows, and anything would stand out.
    private const double LeastTypical = 0.4;

    /// <summary>Windows it was learned from.</summary>
    public required int Windows { get; init; }

    /// <summary>The features, pooled over all windows.</summary>
    public required IReadOnlyList<DriftNorm> Features { get; init; }

    /// <summary>A window whose largest <see cref="FeatureDrift.Excess"/> is above this has drifted.</summary>
    public required double Threshold { get; init; }

    /// <summary>
    /// Learns. Each window is compared with the pool of all others; of each its largest standardized distance over the features counts (Westfall and Young's maxT, which
    /// corrects for many features however they hang together). The threshold is the conformal quantile of these: its rank among <c>N + 1</c> is
    /// <c>(N + 1)(1 - alpha)</c>. While N is too small for that, mean + 3 standard deviations, and at least the largest.
    /// </summary>
    /// <param name="features">The features.</param>
    /// <param name="windows">Consecutive windows without drift, at least 2.</param>
    /// <param name="alpha">Share of windows without drift that may be taken for drifted.</param>
    public static DriftBaseline Learn(IReadOnlyList<DriftFeature> features, IReadOnlyList<DriftWindow> windows, double alpha)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(windows.Count, 2);
        var largest = new double[windows.Count];
        var norms = new DriftNorm[features.Count];
        for (var f = 0; f < features.Count; f++)
        {
            var pool = Pool.Of([.. windows.Select(w => w.Features[f])]);
            var distances = windows.Select(w => Studentized(features[f], pool.Without(w.Features[f]), w.Features[f])).ToArray();
            var typical = Math.Max(LeastTypical, distances.Average());
            norms[f] = new DriftNorm { Feature = features[f], Counts = pool.Counts, Moments = pool.Moments, Typical = typical };
            for (var w = 0; w < largest.Length; w++)
                largest[w] = Math.Max(largest[w], distances[w] / typical);
        }

        return new DriftBaseline { Windows = windows.Count, Features = norms, Threshold = ThresholdOf(largest, alpha) };
    }

    /// <summary>Compares a window with the baseline.</summary>
    public DriftVerdict Judge(DriftWindow window) => new()
    {
        Threshold = Threshold,
        Features = [.. Features.Select((norm, i) => Compare(norm, window.Features[i]))],
    };

    /// <summary>Size of a difference in spreads of the feature: 1-Wasserstein distance, by the bins or the means, whichever says more (both are lower bounds of it).</summary>
    public static double Distance(
        IReadOnlyList<double> edges, ReadOnlySpan<long> usual, Moments usualMoments, ReadOnlySpan<long> now, Moments nowMoments, double floor)
    {
        if (usualMoments.Count == 0 || nowMoments.Count == 0)
            return 0;
        var distance = Math.Max(Distances.Wasserstein(edges, usual, now), Math.Abs(usualMoments.Mean - nowMoments.Mean));
        return distance / Math.Max(floor, Math.Sqrt(usualMoments.Variance));
    }

    private static FeatureDrift Compare(DriftNorm norm, FeatureWindow window)
    {
        var pool = new Pool([.. norm.Counts], norm.Moments);
        return new FeatureDrift
        {
            Name = norm.Feature.Name,
            Mean = window.Moments.Mean,
            Usual = norm.Moments.Mean,
            Distance = DistanceOf(norm.Feature, pool, window),
            Shift = (window.Moments.Mean - norm.Moments.Mean) / Spread(norm.Feature, norm.Moments),
            Excess = Studentized(norm.Feature, pool, window) / norm.Typical,
        };
    }

    private static double DistanceOf(DriftFeature feature, Pool pool, FeatureWindow window) =>
        Distance(feature.Edges, pool.Counts, pool.Moments, [.. window.Counts], window.Moments, feature.Floor);

    // A distance shrinks with the square root of what the window is worth: self-normalized, it compares streams that hang together more or less.
    private static double Studentized(DriftFeature feature, Pool pool, FeatureWindow window) =>
        DistanceOf(feature, pool, window) * Math.Sqrt(window.Moments.Count / window.Inflation);

    private static double Spread(DriftFeature feature, Moments moments) => Math.Max(feature.Floor, Math.Sqrt(moments.Variance));

    private static double ThresholdOf(double[] largest, double alpha)
    {
        Array.Sort(largest);
        var rank = (int)Math.Ceiling((largest.Length + 1) * (1 - alpha));
        if (rank <= largest.Length)
            return largest[rank - 1];

        var mean = largest.Average();
        var deviation = Math.Sqrt(largest.Sum(v => (v - mean) * (v - mean)) / (largest.Length - 1));
        return Math.Max(largest[^1], mean + 3 * deviation);
    }

    private readonly record struct Pool(long[] Counts, Moments Moments)
    {
        public static Pool Of(IReadOnlyList<FeatureWindow> windows)
        {
            var counts = new long[windows[0].Counts.Count];
            var moments = new Moments();
            foreach (var window in windows)
            {
                for (var i = 0; i < counts.Length; i++)
                    counts[i] += window.Counts[i];
                moments = Moments.Merge(moments, window.Moments);
            }

            return new Pool(counts, moments);
        }

        public Pool Without(FeatureWindow window)
        {
            var counts = new long[Counts.Length];
            for (var i = 0; i < counts.Length; i++)
                counts[i] = Counts[i] - window.Counts[i];
            return new Pool(counts, Moments.Without(Moments, window.Moments));
        }
    }
}

/// <summary>One feature of a baseline.</summary>
public sealed record DriftNorm
{
    /// <summary>The feature with its bins.</summary>
    public required DriftFeature Feature { get; init; }

    /// <summary>Counts by bin over all windows.</summary>
    [JsonConverter(typeof(PackedNumbers))]
    public required IReadOnlyList<long> Counts { get; init; }

    /// <summary>Moments over all windows.</summary>
    public required Moments Moments { get; init; }

    /// <summary>Mean studentized distance of a window from the others.</summary>
    public required double Typical { get; init; }
}
