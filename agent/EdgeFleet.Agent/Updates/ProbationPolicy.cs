using System.Globalization;
using EdgeFleet.Agent.Updates.Evidence;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Statistics;

namespace EdgeFleet.Agent.Updates;

/// <summary>What probation has seen of a model. Kept on disk, so that a restart goes on from here.</summary>
internal sealed record ProbationWatch
{
    /// <summary>Median of the previous model's last 95th percentiles in microseconds; null when there was none to compare with.</summary>
    public long? BaselineP95Us { get; init; }

    /// <summary>What the model before did in its last minutes; null when there was none to compare with.</summary>
    public ModelBaseline? Before { get; init; }

    /// <summary>What was counted of the candidate to compare with it.</summary>
    public CandidateCounts? Counts { get; init; }

    /// <summary>Memory of the process.</summary>
    public MemoryWatch? Memory { get; init; }

    /// <summary>Seconds of windows in which samples came.</summary>
    public double Seconds { get; init; }

    /// <summary>Samples answered.</summary>
    public long Answered { get; init; }

    /// <summary>Samples that failed by the model's fault; damaged inputs do not count.</summary>
    public long Faults { get; init; }

    /// <summary>For each of the last windows with samples, oldest first, why it was too slow; empty when it was not.</summary>
    public IReadOnlyList<string> Slow { get; init; } = [];
}

/// <summary>One window of the slot with what the model did wrong in it.</summary>
/// <param name="Row">The minute row.</param>
/// <param name="Faults">Samples that failed by the model's fault.</param>
internal readonly record struct ProbationMinute(MinuteRow Row, long Faults)
{
    /// <summary>What is known of it besides; null where only the row is.</summary>
    public SlotMinute? Seen { get; init; }
}

/// <summary>When a model is kept and when it is turned back.</summary>
/// <param name="Seconds">Least time with samples.</param>
/// <param name="SamplesMin">Least samples answered.</param>
/// <param name="FaultShareMax">Share of faults that is too much.</param>
/// <param name="BudgetP95Us">Budget of the manifest, microseconds.</param>
internal sealed record ProbationLimits(double Seconds, long SamplesMin, double FaultShareMax, long BudgetP95Us)
{
    /// <summary>Drop of the mean confidence against the model before that is allowed, 0 to 1; 1 judges none.</summary>
    public double ConfidenceDropMax { get; init; } = new UpdateOptions().ProbationConfidenceDropMax;

    /// <summary>Share of answers by label that may differ from the model before; 1 judges none.</summary>
    public double MixChangeMax { get; init; } = new UpdateOptions().ProbationMixChangeMax;

    /// <summary>Times the energy of the model before that is allowed.</summary>
    public double EnergyFactorMax { get; init; } = new UpdateOptions().ProbationEnergyFactorMax;

    /// <summary>Memory budget of the manifest in MB; 0 judges no memory.</summary>
    public int MemoryMb { get; init; }
}

/// <summary>What a window of probation decides.</summary>
internal abstract record ProbationVerdict
{
    /// <summary>Nothing yet.</summary>
    internal sealed record GoesOn(ProbationWatch Watch) : ProbationVerdict;

    /// <summary>The model is kept.</summary>
    internal sealed record Passed : ProbationVerdict;

    /// <summary>The model is turned back.</summary>
    internal sealed record Failed(string Reason) : ProbationVerdict;
}

/// <summary>Judges a model on probation, window by window. Pure. Time counts only while samples come, so a dark camera neither passes nor fails a model.</summary>
internal static class ProbationPolicy
{
    private const int SlowOf = 4;
    private const int SlowMax = 3;
    private const int FaultsMin = 3;
    private const double SlowFactor = 3;
    private const long SlowMoreUs = 50_000;

    /// <summary>Takes one window in.</summary>
    public static ProbationVerdict Judge(ProbationWatch watch, ProbationMinute minute, ProbationLimits limits)
    {
        var row = minute.Row;
        var ran = row.Answered + row.Failed;
        // A full queue that nobody empties is a model that hangs; no samples at all is a source that rests.
        if (ran == 0 && row.Dropped == 0)
            return new ProbationVerdict.GoesOn(watch);

        var next = watch with
        {
            Seconds = watch.Seconds + row.Seconds,
            Answered = watch.Answered + row.Answered,
            Faults = watch.Faults + minute.Faults,
            Counts = watch.Before is { } before && minute.Seen is { } seen ? ProbationComparison.Add(watch.Counts, before, seen) : watch.Counts,
            Memory = minute.Seen is { } measured ? MemoryPolicy.Add(watch.Memory, measured) : watch.Memory,
            Slow = [.. watch.Slow.Append(ran == 0 ? "no sample was answered while the queue was full" : WhySlow(row, watch.BaselineP95Us, limits)).TakeLast(SlowOf)],
        };
        if (WhyFailed(next, limits) is { } reason)
            return new ProbationVerdict.Failed(reason);

        return next.Seconds >= limits.Seconds && next.Answered >= limits.SamplesMin ? new ProbationVerdict.Passed() : new ProbationVerdict.GoesOn(next);
    }

    private static string? WhyFailed(ProbationWatch watch, ProbationLimits limits)
    {
        var ran = watch.Answered + watch.Faults;
        if (watch.Faults >= FaultsMin && Wilson.LowerBound(watch.Faults, ran) > limits.FaultShareMax)
            return string.Create(CultureInfo.InvariantCulture, $"Errors: {watch.Faults} of {ran} samples failed by the model's fault; at most {limits.FaultShareMax:P0} is allowed.");

        var slow = watch.Slow.Where(s => s.Length > 0).ToList();
        if (slow.Count >= SlowMax)
            return $"Latency: in {slow.Count} of the last {watch.Slow.Count} windows {slow[^1]}.";

        return (watch is { Counts: { } counts, Before: { } before } ? ProbationComparison.WhyFailed(counts, before, limits) : null)
            ?? (limits.MemoryMb > 0 ? MemoryPolicy.WhyFailed(watch.Memory, watch.Before, limits.MemoryMb) : null);
    }

    private static string WhySlow(MinuteRow row, long? baselineUs, ProbationLimits limits)
    {
        if (row.P95Us > limits.BudgetP95Us)
            return string.Create(CultureInfo.InvariantCulture, $"p95 was over the manifest's budget: {row.P95Us / 1000.0:0.0} ms of {limits.BudgetP95Us / 1000.0:0.0} ms");
        return baselineUs is { } before && row.P95Us > SlowFactor * before && row.P95Us > before + SlowMoreUs
            ? string.Create(CultureInfo.InvariantCulture, $"p95 was {row.P95Us / 1000.0:0.0} ms; the model before took {before / 1000.0:0.0} ms")
            : "";
    }
}
