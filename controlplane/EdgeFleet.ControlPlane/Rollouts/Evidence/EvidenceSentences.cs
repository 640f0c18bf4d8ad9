using System.Globalization;

namespace EdgeFleet.ControlPlane.Rollouts.Evidence;

/// <summary>Evidence in words.</summary>
internal static class EvidenceSentences
{
    /// <summary>A measure with its interval and gate: <c>energy per inference: +38 % (+31 % to +45 %), at most +20 % is allowed, 25 devices on it beside 75</c>.</summary>
    public static string Of(MeasureFacts m)
    {
        var interval = m.Lower is { } lower && m.Upper is { } upper ? $" ({m.Measure.Say(lower)} to {m.Measure.Say(upper)})" : "";
        return $"{m.Measure.Words()}: {m.Measure.Say(m.Difference)}{interval}, at most {m.Measure.Say(m.Allowed)} is allowed, {m.Candidates} devices on it beside {m.Controls}";
    }

    /// <summary>A measure as a line of a list, with its verdict.</summary>
    public static string Line(MeasureFacts m) => m.Verdict switch
    {
        MeasureVerdict.NotMeasured => $"{m.Measure.Words()}: not measured in this fleet before the rollout",
        MeasureVerdict.NoData => $"{m.Measure.Words()}: no data: {m.Candidates} of {m.CandidatesBefore} devices on it and {m.Controls} of {m.ControlsBefore} beside it have said enough",
        MeasureVerdict.TooFew => $"{Of(m)}: too few to tell (test {m.Tested} of {EvidenceJudge.LooksMax})",
        MeasureVerdict.Passes => $"{Of(m)}: passes",
        _ => $"{Of(m)}: fails",
    };

    /// <summary>All that a look saw, a line each.</summary>
    public static IEnumerable<string> Lines(EvidenceFacts evidence)
    {
        if (evidence.Look is not { } look)
        {
            yield return $"No look yet at the running models: {evidence.Candidates} devices run it, {evidence.Controls} still run an earlier one.";
            yield break;
        }

        yield return string.Create(CultureInfo.InvariantCulture, $"Look {look.Number} at {look.At.UtcDateTime:d MMM HH:mm} UTC:");
        foreach (var measure in look.Measures)
            yield return Line(measure);
        if (look.Measures.Count == 0)
            yield return $"nobody to compare with: {evidence.Candidates} devices run it, {evidence.Controls} still run an earlier one; {EvidenceJudge.DevicesMin} in all and {EvidenceJudge.SideMin} of each are needed";
        yield return $"budgets of the manifest: {look.OverBudget} of {look.Budgeted} devices over one";
        if (look.Unlike is { } unlike)
            yield return unlike;
    }

    /// <summary>How the sides differ, as a further sentence; empty when they do not.</summary>
    public static string Unlike(LookFacts look) => look.Unlike is { } unlike ? $" {unlike}" : "";

    /// <summary>What is missing.</summary>
    public static string Missing(MeasureFacts? measure) => measure is null
        ? "Nothing is known of the running models: no device has told minutes from before the rollout."
        : $"Evidence is missing: {Line(measure)}.";

    /// <summary>Who is missing.</summary>
    public static string Away(EvidenceFacts evidence) =>
        $"Too few to compare: it runs on {evidence.Candidates} of {evidence.Told} devices that were told, beside {evidence.Controls}; {EvidenceJudge.DevicesMin} in all and {EvidenceJudge.SideMin} of each are needed.";

    /// <summary>What cannot be told yet.</summary>
    public static string Doubt(MeasureFacts measure) => $"It looks worse than the gate allows, and cannot be told yet: {Line(measure)}.";
}
