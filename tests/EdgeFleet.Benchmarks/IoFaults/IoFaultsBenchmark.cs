using System.Collections.Concurrent;
using System.Globalization;

namespace EdgeFleet.Benchmarks.IoFaults;

/// <summary>Random faults of the disk by seed; after each one clean try must converge. <c>SEEDS=n</c> runs seeds 1 to n, <c>SEEDS=a-b</c> those.</summary>
internal static class IoFaultsBenchmark
{
    private const int SeedsMin = 2000;
    private const int AtOnce = 12; // Seeds wait more than they work.

    public static async Task<bool> RunAsync(IReadOnlyList<string> words, CancellationToken cancel)
    {
        var (first, last) = words.Count == 0 ? (1, SeedsMin) : words[0].Split('-') is [var from, var to] ? (Number(from), Number(to)) : (1, Number(words[0]));
        var begun = TimeProvider.System.GetTimestamp();
        var wrong = new ConcurrentBag<(int Seed, string Text)>();
        var faults = 0;
        await Parallel.ForEachAsync(Enumerable.Range(first, last - first + 1), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancel }, async (seed, _) =>
        {
            var result = await SimulatedBoards.IoFaults.RunAsync(seed);
            Interlocked.Add(ref faults, result.Faults);
            if (result.Wrong.Count > 0)
                wrong.Add((seed, string.Join(' ', result.Wrong)));
        });
        foreach (var (seed, text) in wrong.OrderBy(w => w.Seed))
            Console.WriteLine($"  SEEDS={seed}-{seed}: {text}");
        Console.WriteLine($"io-faults: seeds {first} to {last}, {faults} faults met, {wrong.Count} seeds did not converge, {TimeProvider.System.GetElapsedTime(begun).TotalSeconds:0} s: {(wrong.IsEmpty ? "ok" : "short")}");
        return wrong.IsEmpty;
    }

    private static int Number(string word) => int.Parse(word, CultureInfo.InvariantCulture);
}
