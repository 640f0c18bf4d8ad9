using System.Diagnostics;
using EdgeFleet.Shared.Models;
using Microsoft.ML.OnnxRuntime;

namespace EdgeFleet.ModelPrep.Evaluating;

/// <summary>Times models in blocks that take turns, each block begun by another model, so that whatever else the machine does falls on all of them.</summary>
internal static class LatencyRounds
{
    private const int RunsMin = 5;

    /// <summary>A block of runs of one model.</summary>
    /// <param name="TimesMs">Single runs, milliseconds, growing.</param>
    /// <param name="EnergyMj">Energy of one run in millijoule; null without a sensor.</param>
    internal sealed record Block(double[] TimesMs, double? EnergyMj)
    {
        /// <summary>The middle run.</summary>
        public double MedianMs => TimesMs[TimesMs.Length / 2];
    }

    /// <summary>The blocks of each model. A block has as many runs as its model does in a block's time: a model far slower than the first may not take minutes.</summary>
    /// <param name="models">Models; the first is what the others' ratio is of.</param>
    /// <param name="tensors">One input for each.</param>
    /// <param name="blocks">Blocks of each model.</param>
    /// <param name="blockMs">About how long a block lasts.</param>
    /// <param name="energy">Reads all energy taken so far in joule; null without a sensor.</param>
    /// <param name="onBlock">Called after each block.</param>
    /// <param name="cancel">Ends it.</param>
    public static IReadOnlyList<Block>[] Measure(
        IReadOnlyList<ModelSession> models, IReadOnlyList<float[]> tensors, int blocks, double blockMs, Func<double?>? energy, Action? onBlock, CancellationToken cancel)
    {
        using var run = new RunOptions();
        var runs = new int[models.Count];
        for (var i = 0; i < models.Count; i++)
        {
            tensors[i].CopyTo(models[i].Input);
            Once(models[i], RunsMin, null, run);
            runs[i] = Math.Max(RunsMin, (int)(blockMs / Math.Max(1e-3, Once(models[i], RunsMin, null, run).MedianMs)));
        }

        var made = models.Select(_ => new Block[blocks]).ToArray();
        for (var block = 0; block < blocks; block++)
        {
            for (var turn = 0; turn < models.Count; turn++)
            {
                cancel.ThrowIfCancellationRequested();
                var model = (turn + block) % models.Count;
                made[model][block] = Once(models[model], runs[model], energy, run);
                onBlock?.Invoke();
            }
        }

        return made;
    }

    /// <summary>What a model's blocks come to beside the first model's.</summary>
    public static LatencySpread Spread(IReadOnlyList<Block> blocks, IReadOnlyList<Block> first)
    {
        var medians = blocks.Select(b => b.MedianMs).Order().ToList();
        var ratios = first.Zip(blocks, (f, b) => f.MedianMs / b.MedianMs).Order().ToList();
        var all = blocks.SelectMany(b => b.TimesMs).Order().ToList();
        return new LatencySpread(Rounded(Middle(medians)), Rounded(medians[0]), Rounded(medians[^1]), Rounded(all[(int)(all.Count * 0.95)]), blocks.Count, all.Count,
            Rounded(Middle(ratios)), Rounded(ratios[0]), Rounded(ratios[^1]));
    }

    /// <summary>What a model's blocks took; null where a block has no figure.</summary>
    public static EnergySpread? Energy(IReadOnlyList<Block> blocks)
    {
        if (blocks.Any(b => b.EnergyMj is null)) return null;
        var sorted = blocks.Select(b => b.EnergyMj!.Value).Order().ToList();
        return new EnergySpread(Rounded(Middle(sorted)), Rounded(sorted[0]), Rounded(sorted[^1]));
    }

    private static Block Once(ModelSession model, int runs, Func<double?>? energy, RunOptions run)
    {
        var times = new double[runs];
        var before = energy?.Invoke();
        for (var i = 0; i < runs; i++)
        {
            var start = Stopwatch.GetTimestamp();
            model.Run(run);
            times[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        var after = energy?.Invoke();
        Array.Sort(times);
        return new Block(times, after is { } a && before is { } b && a > b ? 1000 * (a - b) / runs : null);
    }

    private static double Middle(List<double> sorted) => sorted[sorted.Count / 2];

    private static double Rounded(double value) => Math.Round(value, 3);
}
