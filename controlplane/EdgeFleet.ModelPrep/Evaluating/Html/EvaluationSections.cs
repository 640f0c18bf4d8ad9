using static EdgeFleet.ModelPrep.Evaluating.Html.Markup;

namespace EdgeFleet.ModelPrep.Evaluating.Html;

/// <summary>What the page says first, the figures of each model, times, and how all was measured.</summary>
internal static class EvaluationSections
{
    /// <summary>The answer in sentences.</summary>
    public static void Verdict(Markup markup, EvaluationReport report)
    {
        markup.Raw("<section class=\"card verdict\"><h2>In short</h2>");
        foreach (var model in report.Models)
        {
            var right = model.Right is { } share ? $"right on {Share(share)}" : "not judged, for nothing is labelled";
            var beside = model.Beside is { } b ? $"; agrees with {report.Reference} on {Percent(b.Agreement)}{(b is { Lost: { } lost, Gained: { } gained } ? $", loses {lost} that it gets right and gains {gained}" : "")}" : "";
            var speed = model.Latency is { } l && model != report.Models[0] ? $"; takes {Q(l.MedianMs, "0.00", "ms")} a run, {N(l.Ratio, "0.00")} times as fast as {report.Models[0].Name} ({N(l.RatioLow, "0.00")} to {N(l.RatioHigh, "0.00")})" : "";
            markup.Raw($"<p><strong>{E(model.Name)}</strong>: {E(right + beside + speed)}.</p>");
        }

        foreach (var note in report.Notes) markup.Raw($"<p><strong>Note:</strong> {E(note)}</p>");
        markup.Raw("</section>");
    }

    /// <summary>All figures in one table, and right answers drawn.</summary>
    public static void Summary(Markup markup, EvaluationReport report)
    {
        markup.Raw("<section class=\"card\"><h2>Right answers, and what they cost</h2>");
        if (report.Models.All(m => m.Right is not null))
        {
            markup.Raw("<p>Share of right answers with its 95 % interval. Where bands overlap much, the models are as good as equal here.</p>")
                .Raw(IntervalChart.Of([.. report.Models.Select(m => new IntervalRow(m.Name, m.Right!.Low, m.Right.Share, m.Right.High, Share(m.Right)))], 0, 1, null, v => Percent(v, "0")));
        }

        markup.Table(
            ["Model", "Right", "mAP", "Calibration error", "Agrees with float", "Change of probability", "Size", "One run", "Energy"],
            report.Models.Select(m => (IReadOnlyList<string>)
            [
                m.Name, m.Right is { } r ? Percent(r.Share) : "not labelled", m.MeanAveragePrecision is { } map ? N(map, "0.000") : "", m.Calibration is { } c ? N(c.Ece, "0.000") : "",
                m.Beside is { } b ? Percent(b.Agreement) : m.Name == report.Reference ? "the reference" : "no reference", m.Beside is { } beside ? N(beside.ProbabilityChange, "0.000") : "",
                Q(m.Size / 1024.0, "0", "kB"), m.Latency is { } l ? Q(l.MedianMs, "0.00", "ms") : "", m.Energy is { } e ? $"{Q(e.MedianMj, "0.0", "mJ")} ({N(e.LowMj, "0.0")} to {N(e.HighMj, "0.0")})" : "unavailable",
            ])).Raw("</section>");
    }

    /// <summary>Times.</summary>
    public static void Latency(Markup markup, EvaluationReport report)
    {
        var timed = report.Models.Where(m => m.Latency is not null).ToList();
        if (timed.Count == 0) return;
        var longest = timed.Max(m => m.Latency!.HighMs);
        markup.Raw($"<section class=\"card\"><h2>Time of one run</h2><p>Median over {timed[0].Latency!.Blocks} blocks that took turns over the models, with the least and the greatest block. It is of this machine: a board is another.</p>")
            .Raw(IntervalChart.Of([.. timed.Select(m => new IntervalRow(m.Name, m.Latency!.LowMs, m.Latency.MedianMs, m.Latency.HighMs, $"{Q(m.Latency.MedianMs, "0.00", "ms")} ({N(m.Latency.LowMs, "0.00")} to {N(m.Latency.HighMs, "0.00")})"))], 0, longest * 1.05, null, v => Q(v, "0.0", "ms")))
            .FoldedTable(["Model", "Median", "Least block", "Greatest block", "p95 of all runs", "Runs", $"Times as fast as {timed[0].Name}"], timed.Select(m => (IReadOnlyList<string>)
            [
                m.Name, Q(m.Latency!.MedianMs, "0.00", "ms"), Q(m.Latency.LowMs, "0.00", "ms"), Q(m.Latency.HighMs, "0.00", "ms"), Q(m.Latency.P95Ms, "0.00", "ms"), $"{m.Latency.Runs}",
                m == timed[0] ? "" : $"{N(m.Latency.Ratio, "0.00")} ({N(m.Latency.RatioLow, "0.00")} to {N(m.Latency.RatioHigh, "0.00")})",
            ])).Raw("</section>");
    }

    /// <summary>How it was measured, and what was left out.</summary>
    public static void Method(Markup markup, EvaluationReport report)
    {
        markup.Raw("<section class=\"card\"><h2>How this was measured</h2><ul>")
            .Raw("<li>Intervals of shares: Wilson, 95 %. Differences: Newcombe's hybrid score interval, widened so that all comparisons of a model hold at once (Bonferroni).</li>")
            .Raw($"<li>A segment is compared when it and the others together have {SegmentJudge.SamplesMin} {E(report.Noun)} each.</li>")
            .Raw($"<li>Calibration error: {CalibrationError.DefaultBins} bins of equal width by confidence, weighted by answers.</li><li>{E(report.EnergyNote)}</li>");
        foreach (var model in report.Models) markup.Raw($"<li>{E(model.Name)}: SHA-256 <code style=\"overflow-wrap:anywhere\">{E(model.Digest)}</code></li>");
        markup.Raw("</ul>");
        if (report.Unreadable.Count > 0)
        {
            markup.Raw($"<p>{report.Unreadable.Count} file(s) could not be read and were left out:</p><ul>");
            foreach (var file in report.Unreadable) markup.Raw($"<li>{E(file)}</li>");
            markup.Raw("</ul>");
        }

        markup.Raw("</section>");
    }
}
