using EdgeFleet.Shared.Statistics;

namespace EdgeFleet.Benchmarks.Drift;

/// <summary>What one trial said: our first window, our vote over three, and the textbook on the first window.</summary>
internal readonly record struct DriftOutcome(bool First, bool Voted, bool Psi, bool Ks, bool Js);

/// <summary>One board's life: a first window that sets the bins, a baseline, and three windows to judge.</summary>
internal static class DriftTrial
{
    public const int Length = 1000;
    public const int Windows = 100;
    private const int Settle = 500;
    private const double Floor = 0.001;
    private const double Alpha = 0.01;
    private static readonly DriftVote Vote = new(2, 3);

    public static DriftOutcome Run(Cell cell, int seed)
    {
        var stream = new Stream(cell.Features, seed);
        var survey = Enumerable.Range(0, cell.Features).Select(_ => new List<double>()).ToArray();
        for (var i = 0; i < Length; i++)
        {
            stream.Step(cell.Baseline);
            for (var f = 0; f < survey.Length; f++)
                survey[f].Add(stream.Values[f]);
        }

        DriftFeature[] features = [.. survey.Select((values, f) => new DriftFeature { Name = $"feature {f}", Floor = Floor, Edges = DriftBins.From(values, Floor) })];
        var builder = new DriftWindowBuilder(features, Length);
        var baseline = DriftBaseline.Learn(features, [.. Enumerable.Range(0, Windows).Select(_ => Fill(builder, stream, cell.Baseline, 0))], Alpha);

        var live = new Stream(cell.Features, seed ^ 0x5bd1e995);
        for (var i = 0; i < Settle; i++)
            live.Step(cell.Stream);
        var windows = Enumerable.Range(0, Vote.Of).Select(_ => Fill(builder, live, cell.Stream, cell.Shift)).ToArray();
        var alarms = windows.Select(w => baseline.Judge(w).HasDrifted).ToArray();
        return Textbook(baseline, windows[0]) with { First = alarms[0], Voted = Vote.Decide(isDrifting: false, alarms) };
    }

    /// <summary>The rules of thumb on the first feature of a window, in the same bins.</summary>
    public static DriftOutcome Textbook(DriftBaseline baseline, DriftWindow window, int feature = 0)
    {
        var (usual, now) = (baseline.Features[feature].Counts.ToArray(), window.Features[feature].Counts.ToArray());
        var ks = Distances.KolmogorovSmirnov(usual, now);
        return new DriftOutcome(
            First: false,
            Voted: false,
            Psi: Distances.Psi(usual, now) > 0.1,
            Ks: Distances.KolmogorovSmirnovP(ks, usual.Sum(), now.Sum()) < 0.05,
            Js: Distances.JensenShannon(usual, now) > 0.1);
    }

    private static DriftWindow Fill(DriftWindowBuilder builder, Stream stream, double r, double shift)
    {
        var values = new double[stream.Values.Length];
        while (true)
        {
            stream.Step(r);
            stream.Values.CopyTo(values, 0);
            values[0] += shift;
            if (builder.Add(0, values) is { } window)
                return window;
        }
    }

    /// <summary>Normal values of mean 0 and spread 1, each feature by itself, that hang together by r in time (AR(1)).</summary>
    private sealed class Stream
    {
        private readonly Random _random;

        public Stream(int features, int seed)
        {
            _random = new Random(seed);
            Values = [.. Enumerable.Range(0, features).Select(_ => Normal())];
        }

        public double[] Values { get; }

        public void Step(double r)
        {
            for (var i = 0; i < Values.Length; i++)
                Values[i] = r * Values[i] + Math.Sqrt(1 - r * r) * Normal();
        }

        private double Normal() => Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble());
    }
}
