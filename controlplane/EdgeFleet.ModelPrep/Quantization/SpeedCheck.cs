using System.Diagnostics;
using EdgeFleet.Shared.Models;
using Microsoft.ML.OnnxRuntime;

namespace EdgeFleet.ModelPrep.Quantization;

/// <summary>Times int8 beside float, one thread, by turns, so that whatever else the machine does falls on both.</summary>
internal static class SpeedCheck
{
    private const int Rounds = 7;
    private const int RunsMin = 5;
    private const double RoundMs = 60;

    /// <summary>The times.</summary>
    public static SpeedReport Of(ModelSession floatModel, ModelSession int8, float[] sample, CancellationToken cancel)
    {
        using var run = new RunOptions();
        sample.CopyTo(floatModel.Input);
        sample.CopyTo(int8.Input);
        var runs = Math.Max(RunsMin, (int)(RoundMs / Math.Max(1e-3, Once(floatModel, RunsMin, run))));
        Once(int8, RunsMin, run);

        var rounds = new List<(double Float, double Int8)>();
        for (var round = 0; round < Rounds; round++)
        {
            cancel.ThrowIfCancellationRequested();
            rounds.Add((Once(floatModel, runs, run), Once(int8, runs, run)));
        }

        var ratios = rounds.Select(r => r.Float / r.Int8).Order().ToList();
        return new SpeedReport(Middle(rounds.Select(r => r.Float)), Middle(rounds.Select(r => r.Int8)), Rounded(ratios[Rounds / 2]), Rounded(ratios[0]), Rounded(ratios[^1]));
    }

    // Median of single runs, milliseconds.
    private static double Once(ModelSession model, int runs, RunOptions run)
    {
        var times = new double[runs];
        for (var i = 0; i < runs; i++)
        {
            var start = Stopwatch.GetTimestamp();
            model.Run(run);
            times[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        Array.Sort(times);
        return times[runs / 2];
    }

    private static double Middle(IEnumerable<double> values) => Rounded(values.Order().ElementAt(Rounds / 2));

    private static double Rounded(double value) => Math.Round(value, 3);
}
