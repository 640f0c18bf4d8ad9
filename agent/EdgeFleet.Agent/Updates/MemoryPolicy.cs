using System.Globalization;
using EdgeFleet.Agent.Updates.Evidence;

namespace EdgeFleet.Agent.Updates;

/// <summary>Memory of the process while a candidate is watched: the last windows of one process with the same number of models. Kept on disk.</summary>
internal sealed record MemoryWatch
{
    /// <summary>Stands for the process.</summary>
    public long Process { get; init; }

    /// <summary>Models in memory.</summary>
    public int OpenModels { get; init; }

    /// <summary>Anonymous memory at the end of the windows, in kB, oldest first.</summary>
    public IReadOnlyList<long> AnonKb { get; init; } = [];
}

/// <summary>
/// Judges memory in probation. Pure. The process may hold the candidate beside the model before, so its budget and half as much again, 64 MB at least, is what it may take more than the model before
/// alone; and it may not grow and grow. Windows in which another model came or went are another slot's matter and begin the count anew, as another process does.
/// </summary>
internal static class MemoryPolicy
{
    private const int KeptMax = 16;
    private const int OverOf = 4;
    private const int OverMax = 3;
    private const int GrowthWindowsMin = 8;
    private const long SlackMb = 64;
    private const long GrowthMbMin = 32;
    private const long Kb = 1024;

    /// <summary>Takes a window in.</summary>
    public static MemoryWatch? Add(MemoryWatch? watch, SlotMinute minute) => minute.AnonKb <= 0 ? watch
        : watch is not null && watch.Process == minute.Process && watch.OpenModels == minute.OpenModels
            ? watch with { AnonKb = [.. watch.AnonKb.Append(minute.AnonKb).TakeLast(KeptMax)] }
            : new MemoryWatch { Process = minute.Process, OpenModels = minute.OpenModels, AnonKb = [minute.AnonKb] };

    /// <summary>Why the candidate is turned back; null while nothing speaks against it.</summary>
    /// <param name="watch">What was seen.</param>
    /// <param name="before">The model before; null when there was none.</param>
    /// <param name="budgetMb">Memory of the candidate by its manifest.</param>
    public static string? WhyFailed(MemoryWatch? watch, ModelBaseline? before, int budgetMb)
    {
        if (watch is null)
            return null;

        var allowed = (budgetMb + Math.Max(SlackMb, budgetMb / 2)) * Kb;
        if (before is { AnonKb: > 0 } && watch.OpenModels <= before.OpenModels + 1)
        {
            var over = watch.AnonKb.TakeLast(OverOf).Select(kb => kb - before.AnonKb).Where(more => more > allowed).ToList();
            if (over.Count >= OverMax)
                return Said($"Memory: {over[^1] / Kb} MB more than with the model before alone, in {over.Count} of the last {OverOf} windows; {allowed / Kb} MB more is allowed beside it (budget {budgetMb} MB).");
        }

        // What grew as much under the model before is not the candidate's.
        return WhyGrowing(watch.AnonKb, Math.Max(Math.Max(GrowthMbMin, budgetMb / 2) * Kb, 2 * (before?.AnonSpreadKb ?? 0)));
    }

    // A runtime takes what it needs with its first runs and then stays; what grows from quarter to quarter is a leak.
    private static string? WhyGrowing(IReadOnlyList<long> kb, long allowed)
    {
        if (kb.Count < GrowthWindowsMin)
            return null;

        var quarter = kb.Count / 4;
        var levels = Enumerable.Range(0, 4).Select(q => ModelBaseline.Median(kb.Skip(q * quarter + (q == 3 ? kb.Count - 4 * quarter : 0)).Take(quarter))).ToList();
        var grown = levels[3] - levels[0];
        return grown > allowed && levels.Zip(levels.Skip(1)).All(l => l.Second - l.First > grown / 8)
            ? Said($"Memory: it grew by {grown / Kb} MB over {kb.Count} windows and goes on growing; {allowed / Kb} MB is allowed.")
            : null;
    }

    private static string Said(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
