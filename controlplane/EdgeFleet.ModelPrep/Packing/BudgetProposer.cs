using System.Diagnostics;
using EdgeFleet.Shared.Models;
using Microsoft.ML.OnnxRuntime;

namespace EdgeFleet.ModelPrep.Packing;

/// <summary>Measures variants here and proposes budgets for boards, on a coarse ladder so that packing twice gives the same manifest.</summary>
internal static class BudgetProposer
{
    private const int RunsMax = 200;
    private const int WarmUpRuns = 5;
    private const double MeasureSecondsMax = 2;

    // A board may be this much slower than the machine that packs, and a busy moment of it more.
    private const double BoardFactor = 25;

    private static readonly double[] LatencyLadderMs = [100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000];
    private static readonly int[] MemoryLadderMb = [128, 256, 512, 1024, 2048, 4096];

    /// <summary>Latency of one variant on one sample, one thread.</summary>
    public static LatencyFigures Measure(ModelSession model, string variant, PreparedSample sample)
    {
        using var run = new RunOptions();
        sample.Tensor.CopyTo(model.Input);
        for (var i = 0; i < WarmUpRuns; i++) model.Run(run);

        var times = new List<double>(RunsMax);
        var begin = Stopwatch.GetTimestamp();
        while (times.Count < RunsMax && (times.Count < WarmUpRuns || Stopwatch.GetElapsedTime(begin).TotalSeconds < MeasureSecondsMax))
        {
            var start = Stopwatch.GetTimestamp();
            model.Run(run);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        times.Sort();
        return new LatencyFigures(variant, times.Count, Math.Round(times[times.Count / 2], 3), Math.Round(times[(int)(times.Count * 0.95)], 3));
    }

    /// <summary>Budgets that every variant keeps with room: latency from the slowest, memory from the largest file.</summary>
    public static Budgets Propose(IEnumerable<LatencyFigures> latency, IEnumerable<JudgedModel> models)
    {
        // The median, because the machine that packs is busy with other things too.
        var wantedMs = BoardFactor * latency.Max(l => l.MedianMs);
        // The runtime copies weights while it packs them; activations of a classifier are small beside that and the floor.
        var wantedMb = 64 + (6 * models.Max(m => m.Size) / (1024 * 1024));
        return new Budgets
        {
            P95LatencyMs = LatencyLadderMs.FirstOrDefault(l => l >= wantedMs, LatencyLadderMs[^1]),
            MemoryMb = MemoryLadderMb.FirstOrDefault(m => m >= wantedMb, MemoryLadderMb[^1]),
        };
    }
}
