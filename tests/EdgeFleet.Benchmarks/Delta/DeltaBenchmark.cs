using System.Globalization;
using EdgeFleet.Testing;

namespace EdgeFleet.Benchmarks.Delta;

/// <summary>Deltas between versions of the real models, by ours, <c>zstd --patch-from</c>, xdelta3 and bsdiff: bytes, and time and memory of making and applying.</summary>
internal static class DeltaBenchmark
{
    private const double HeadShareMax = 0.10;
    private const double OverBestMax = 1.20;
    private const int Runs = 3;

    public static async Task<bool> RunAsync(CancellationToken cancel)
    {
        if (RealData.Folder is null)
        {
            Console.WriteLine(RealData.Absent);
            Console.WriteLine("delta: skipped");
            return true;
        }

        Console.WriteLine($"  {"bytes",-34} {"file",9} {string.Join("", DeltaTool.All.Select(t => $"{t.Name,10}"))} {"of file",8} {"of best",8}");
        var costs = new List<DeltaCost[]>();
        var lacking = new List<string>();
        var (headShare, overBest) = (0.0, 0.0);
        foreach (var step in DeltaVariants.All(cancel))
        {
            var row = await RowAsync(step, cancel);
            costs.Add(row);
            var share = (double)row[0].Bytes / step.After.Length;
            var ratio = (double)row[0].Bytes / row.Skip(1).Min(c => c.Bytes);
            Console.WriteLine(Text($"  {step.Name,-34} {step.After.Length,9} {string.Join("", row.Select(c => $"{c.Bytes,10}"))} {share,8:0.000} {ratio,8:0.000}"));
            (headShare, overBest) = (step.IsHead ? Math.Max(headShare, share) : headShare, Math.Max(overBest, ratio));
            if (step.IsHead && share > HeadShareMax)
                lacking.Add(Text($"{step.Name}: {share:0.000} of the file, {HeadShareMax} allowed"));
            if (ratio > OverBestMax)
                lacking.Add(Text($"{step.Name}: {ratio:0.00} times the smallest of the others, {OverBestMax} allowed"));
        }

        Costs(costs);
        foreach (var line in lacking)
            Console.WriteLine($"  short: {line}");
        Console.WriteLine(Text($"delta: changed head {headShare:0.000} of the file, at most {overBest:0.000} times the smallest of the others: {(lacking.Count == 0 ? "ok" : "short")}"));
        return lacking.Count == 0;
    }

    private static async Task<DeltaCost[]> RowAsync(DeltaCase step, CancellationToken cancel)
    {
        using var folder = new TempFolder();
        var runs = DeltaTool.All.Select(_ => new List<DeltaCost>()).ToArray();
        for (var run = 0; run < Runs; run++)
        {
            for (var tool = 0; tool < runs.Length; tool++)
                runs[tool].Add(await DeltaTool.All[tool].RunAsync(step, folder, cancel));
        }

        return [.. runs.Select(r => new DeltaCost(
            r[0].Bytes, Measure.Median(r.Select(c => c.MakeSeconds)), Measure.Median(r.Select(c => c.ApplySeconds)), r.Max(c => c.MakeMb), r.Max(c => c.ApplyMb)))];
    }

    private static void Costs(List<DeltaCost[]> costs)
    {
        Console.WriteLine(Text($"  processor time over all cases as a ratio to ours, median of {Runs} runs; largest resident memory. Ours counts the start of .NET."));
        var (make, apply) = (costs.Sum(r => r[0].MakeSeconds), costs.Sum(r => r[0].ApplySeconds));
        for (var i = 0; i < DeltaTool.All.Count; i++)
        {
            var column = costs.ConvertAll(r => r[i]);
            Console.WriteLine(Text($"  {DeltaTool.All[i].Name,-8} make {column.Sum(c => c.MakeSeconds) / make,5:0.00} times, {column.Max(c => c.MakeMb),4:0} MB   apply {column.Sum(c => c.ApplySeconds) / apply,5:0.00} times, {column.Max(c => c.ApplyMb),4:0} MB"));
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
