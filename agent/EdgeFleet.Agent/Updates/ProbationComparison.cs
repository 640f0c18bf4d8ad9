using System.Globalization;
using EdgeFleet.Agent.Updates.Evidence;

namespace EdgeFleet.Agent.Updates;

/// <summary>What probation has counted of a candidate to compare with the model before. Kept on disk.</summary>
internal sealed record CandidateCounts
{
    /// <summary>Windows in which the scene was the one of the model before.</summary>
    public int Windows { get; init; }

    /// <summary>Windows in which it was another one, or not known: by those no answer is judged.</summary>
    public int OtherScene { get; init; }

    /// <summary>Samples of <see cref="Windows"/>.</summary>
    public long Samples { get; init; }

    /// <summary>Sum of their confidences in thousandths.</summary>
    public double Confidence { get; init; }

    /// <summary>Their answers by label; null where they are not counted.</summary>
    public IReadOnlyList<long>? Mix { get; init; }

    /// <summary>Windows of which the energy is known, in any scene.</summary>
    public int EnergyWindows { get; init; }

    /// <summary>Samples of those.</summary>
    public long EnergySamples { get; init; }

    /// <summary>Energy of those in microjoule, net of the idle board.</summary>
    public double EnergyUj { get; init; }
}

/// <summary>
/// Compares a candidate's answers and energy with those of the model before, over all its windows together. Pure. Confidence and class mix count only in windows whose inputs look as they
/// did before, and only beyond what the model before did itself from window to window: night, another animal or a stopped pump must not turn a good model back.
/// </summary>
internal static class ProbationComparison
{
    private const int WindowsMin = 5;
    private const int SamplesMin = 50;
    private const int WindowAnsweredMin = 5;
    private const double ConfidenceMargin = 50;

    /// <summary>Takes a window in.</summary>
    public static CandidateCounts Add(CandidateCounts? counts, ModelBaseline before, SlotMinute minute)
    {
        var (next, row) = (counts ?? new CandidateCounts(), minute.Row);
        if (row.EnergyNetUj is { } uj && row.Answered > 0)
        {
            next = next with
            {
                EnergyWindows = next.EnergyWindows + 1, EnergySamples = next.EnergySamples + row.Answered, EnergyUj = next.EnergyUj + (double)uj * row.Answered,
            };
        }

        if (row.Answered < WindowAnsweredMin || row.Confidence is not { } confidence)
            return next;
        if (!SceneCheck.IsSame(before.Inputs, minute.Inputs))
            return next with { OtherScene = next.OtherScene + 1 };

        var isCounted = before.Mix is { } mix && before.Labels == minute.Labels && minute.Mix.Count == mix.Count;
        return next with
        {
            Windows = next.Windows + 1,
            Samples = next.Samples + row.Answered,
            Confidence = next.Confidence + (double)confidence * row.Answered,
            Mix = !isCounted ? next.Mix : next.Mix is { } so && so.Count == minute.Mix.Count ? [.. so.Zip(minute.Mix, (a, b) => a + b)] : minute.Mix,
        };
    }

    /// <summary>Why the candidate is turned back; null while nothing speaks against it.</summary>
    public static string? WhyFailed(CandidateCounts counts, ModelBaseline before, ProbationLimits limits) =>
        WhyUnsure(counts, before, limits) ?? WhyOther(counts, before, limits) ?? WhyHungry(counts, before, limits);

    private static string? WhyUnsure(CandidateCounts counts, ModelBaseline before, ProbationLimits limits)
    {
        if (!IsEnough(counts.Windows, counts.Samples) || !IsEnough(before.Windows, before.Samples) || before is not { Confidence: { } usual, ConfidenceLow: { } low })
            return null;

        var mean = counts.Confidence / counts.Samples;
        return mean < usual - 1000 * limits.ConfidenceDropMax && mean < low - ConfidenceMargin
            ? Said($"Confidence: {mean / 1000:0.00} over {counts.Samples} samples of the same scene; the model before was at {usual / 1000:0.00}, never below {low / 1000:0.00}. A drop of {limits.ConfidenceDropMax:0.##} is allowed.")
            : null;
    }

    private static string? WhyOther(CandidateCounts counts, ModelBaseline before, ProbationLimits limits)
    {
        if (counts.Mix is not { } mine || before.Mix is not { } theirs || !IsEnough(counts.Windows, mine.Sum()) || !IsEnough(before.Windows, theirs.Sum()))
            return null;

        var (distance, chance) = (AnswerMix.Distance(mine, theirs), AnswerMix.Chance(mine, theirs));
        if (distance - chance <= Math.Max(limits.MixChangeMax, before.MixSpread))
            return null;

        var top = mine.Select((count, label) => (Count: count, Label: label)).MaxBy(c => c.Count);
        return Said($"Class mix: {100 * distance:0} % of the answers would have to be others to match the model before on the same scene; {100 * limits.MixChangeMax:0} % are allowed. It answers label {top.Label} to {100.0 * top.Count / mine.Sum():0} %, where that was {100.0 * theirs[top.Label] / theirs.Sum():0} %.");
    }

    private static string? WhyHungry(CandidateCounts counts, ModelBaseline before, ProbationLimits limits)
    {
        if (counts.EnergyWindows < WindowsMin || before.EnergyWindows < WindowsMin || before is not { EnergyUj: > 0 and var usual, EnergyHighUj: { } high })
            return null;

        var mean = counts.EnergyUj / counts.EnergySamples;
        return mean > limits.EnergyFactorMax * usual && mean > high
            ? Said($"Energy: {mean / 1000:0.0} mJ a sample; the model before took {usual / 1000:0.0} mJ, {high / 1000:0.0} mJ at most. {limits.EnergyFactorMax:0.##} times is allowed.")
            : null;
    }

    private static bool IsEnough(int windows, long samples) => windows >= WindowsMin && samples >= SamplesMin;

    private static string Said(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
