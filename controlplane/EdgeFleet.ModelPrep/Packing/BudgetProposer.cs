using EdgeFleet.ModelPrep.Evaluating;
using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Models.Sessions;

namespace EdgeFleet.ModelPrep.Packing;

/// <summary>Measures variants here and proposes budgets for boards, on a coarse ladder so that packing twice gives the same manifest.</summary>
internal static class BudgetProposer
{
    /// <summary>Blocks of each model.</summary>
    public const int Blocks = 9;

    private const double BlockMs = 50;

    // A board may be this much slower than the machine that packs, and a busy moment of it more.
    private const double BoardFactor = 25;

    private static readonly double[] LatencyLadderMs = [100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000];
    private static readonly int[] MemoryLadderMb = [128, 256, 512, 1024, 2048, 4096];

    /// <summary>Latency of every variant for CPUs beside the float model's, one thread, in blocks that take turns.</summary>
    public static IReadOnlyList<LatencyFigures> Measure(PackModels models, PreparedSample sample, Action onBlock, CancellationToken cancel)
    {
        int[] timed = [0, .. models.Variants.Where(v => v.Model.Provider == ExecutionProviders.Cpu).Select(v => v.Index)];
        var blocks = LatencyRounds.Measure([.. timed.Select(i => models.Sessions[i])], [.. timed.Select(_ => sample.Tensor)], Blocks, BlockMs, energy: null, onBlock, cancel);
        return [.. timed.Select((model, i) => (Model: models.All[model], Spread: LatencyRounds.Spread(blocks[i], blocks[0]))).Skip(1)
            .Select(t => new LatencyFigures(t.Model.Judged.Variant, t.Spread.Runs, t.Spread.MedianMs, t.Spread.P95Ms, t.Spread.Ratio, t.Spread.RatioLow, t.Spread.RatioHigh))];
    }

    /// <summary>Budgets that every variant keeps with room: latency from the slowest, memory from the largest file.</summary>
    public static Budgets Propose(IEnumerable<LatencyFigures> latency, IEnumerable<JudgedModel> models)
    {
        // The median, because the machine that packs is busy with other things too.
        var wantedMs = BoardFactor * latency.Select(l => l.MedianMs).DefaultIfEmpty(0).Max();
        // The runtime copies weights while it packs them; activations of a classifier are small beside that and the floor.
        var wantedMb = 64 + (6 * models.Max(m => m.Size) / (1024 * 1024));
        return new Budgets
        {
            P95LatencyMs = LatencyLadderMs.FirstOrDefault(l => l >= wantedMs, LatencyLadderMs[^1]),
            MemoryMb = MemoryLadderMb.FirstOrDefault(m => m >= wantedMb, MemoryLadderMb[^1]),
        };
    }
}
