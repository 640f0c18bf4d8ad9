using EdgeFleet.SimulatedBoards;

namespace EdgeFleet.Benchmarks.KillMatrix;

/// <summary>Kills, errors and hangs in every state of an update, generated from its own run; all must end on a verified model, with no sample lost.</summary>
internal static class KillMatrixBenchmark
{
    // Cases wait more than they work.
    private const int AtOnce = 6;
    private const int CasesMin = 300;

    public static async Task<bool> RunAsync(IReadOnlyList<string> words, CancellationToken cancel)
    {
        var begun = TimeProvider.System.GetTimestamp();
        var all = words.Count == 0;
        IReadOnlyList<MatrixCase> cases =
        [
            .. all || words.Contains("kills") ? await SimulatedBoards.KillMatrix.KillsAsync(Story.All) : [],
            .. await SimulatedBoards.KillMatrix.KillsAsync([.. Story.All.Where(s => words.Contains(s.Name))]),
            .. all || words.Contains("starts") ? FaultMatrix.LaterStarts() : [],
            .. all || words.Contains("errors") ? FaultMatrix.Errors() : [],
            .. all || words.Contains("hangs") ? FaultMatrix.Hangs() : [],
        ];
        Console.WriteLine($"{cases.Count} cases over {cases.Select(c => c.State).Distinct().Count()} states");
        var results = await SimulatedBoards.KillMatrix.RunAsync(cases, Environment.ProcessorCount * AtOnce, cancel);
        foreach (var kind in results.GroupBy(r => r.Case.Kind).OrderBy(g => g.Key))
            Console.WriteLine($"{kind.Key,-14} {kind.Count(),5} cases, {kind.Count(r => !r.Met),3} not met, {kind.Count(r => r.Wrong.Count > 0),3} wrong, slowest recovery {kind.Max(r => r.RecoveryMs),6:0} ms, slowest case {kind.Max(r => r.Seconds):0.0} s");
        foreach (var wrong in results.Where(r => r.Wrong.Count > 0).Take(40))
            Console.WriteLine($"  {wrong.Case}: {string.Join(' ', wrong.Wrong)}");
        var wrongs = results.Count(r => r.Wrong.Count > 0);
        var ok = wrongs == 0 && (!all || results.Count >= CasesMin);
        Console.WriteLine($"kill-matrix: {results.Count} cases, {wrongs} wrong, slowest recovery {results.Max(r => r.RecoveryMs):0} ms, {TimeProvider.System.GetElapsedTime(begun).TotalSeconds:0} s: {(ok ? "ok" : "short")}");
        return ok;
    }
}
