using static EdgeFleet.ModelPrep.Evaluating.Html.Markup;

namespace EdgeFleet.ModelPrep.Evaluating.Html;

/// <summary>Where answers are right and where not: by label, by segment, by confidence, and what is taken for what.</summary>
internal static class QualitySections
{
    private const int PairsShown = 10;

    /// <summary>Recall by label.</summary>
    public static void Labels(Markup markup, EvaluationReport report)
    {
        markup.Raw("<section class=\"card\"><h2>By label</h2><p>Of the samples that have a label, the share that the model finds.</p>");
        foreach (var model in report.Models)
        {
            var rows = model.PerLabel.Where(l => l.Recall.Of > 0).Select(l => new IntervalRow(l.Label, l.Recall.Low, l.Recall.Share, l.Recall.High, Share(l.Recall)));
            markup.Raw($"<h3>{E(model.Name)}</h3>").Raw(IntervalChart.Of([.. rows], 0, 1, null, v => Percent(v, "0")));
        }

        IReadOnlyList<string> headings = ["Label", .. report.Models.SelectMany(m => new[] { $"Recall, {m.Name}", $"Precision, {m.Name}" })];
        markup.FoldedTable(headings, report.Labels.Select((label, i) => (IReadOnlyList<string>)
            [label, .. report.Models.SelectMany(m => new[] { m.PerLabel[i].Recall.Of == 0 ? "none in the data" : Share(m.PerLabel[i].Recall), m.PerLabel[i].Precision is { } p ? Percent(p) : "never said" })])).Raw("</section>");
    }

    /// <summary>Who is served worse.</summary>
    public static void Segments(Markup markup, EvaluationReport report)
    {
        if (report.Models.All(m => m.Segments.Count == 0)) return;
        markup.Raw("<section class=\"card\"><h2>Who is served worse</h2><p>Each segment against all others of its kind, in points. Left of the dashed line is worse. A gap is named only where chance does not explain it.</p>");
        foreach (var model in report.Models)
        {
            markup.Raw($"<h3>{E(model.Name)}</h3>");
            if (model.Gaps.Count == 0) markup.Raw($"<p><span class=\"well\">✓</span> No gap, as far as {report.Samples} {E(report.Noun)} can tell.</p>");
            foreach (var gap in model.Gaps) markup.Raw($"<p><span class=\"bad\">▲</span> {E(gap)}</p>");
            var compared = model.Segments.Where(s => s.Difference is not null).ToList();
            var reach = Math.Max(0.1, compared.Select(s => Math.Max(Math.Abs(s.Low!.Value), Math.Abs(s.High!.Value))).DefaultIfEmpty(0.1).Max());
            markup.Raw(IntervalChart.Of([.. compared.Select(Row)], -reach, reach, 0, v => v == 0 ? "no difference" : $"{N(100 * v, "0")}"));
            if (model.Segments.Where(s => s.Difference is null).Select(s => $"{s.Dimension} {s.Segment} ({s.Right.Of})").ToList() is { Count: > 0 } few)
                markup.Raw($"<p class=\"soft\">○ Too few to tell: {E(string.Join(", ", few))}.</p>");
        }

        IReadOnlyList<string> headings = ["Segment", .. report.Models.Select(m => $"Right, {m.Name}")];
        var names = report.Models[0].Segments.Select(s => (s.Dimension, s.Segment));
        markup.FoldedTable(headings, names.Select(n => (IReadOnlyList<string>)[$"{n.Dimension} {n.Segment}", .. report.Models.Select(m =>
            m.Segments.First(s => s.Dimension == n.Dimension && s.Segment == n.Segment) is var s ? Share(s.Right) : "")])).Raw("</section>");
    }

    /// <summary>Confidence against right answers.</summary>
    public static void Calibration(Markup markup, EvaluationReport report)
    {
        if (report.Models.All(m => m.Calibration is null)) return;
        markup.Raw("<section class=\"card\"><h2>How honest the confidence is</h2><p>On the dashed line a model is as sure as it is right; below it, too sure. Bars: share of the answers.</p><div class=\"charts\">");
        foreach (var model in report.Models.Where(m => m.Calibration is not null))
        {
            var error = model.Calibration!;
            var words = error.Ece <= 1.5 * error.OfChance
                ? "which chance alone could make"
                : error.MeanConfidence > error.Bins.Sum(b => b.Right * b.Answers) / error.Bins.Sum(b => b.Answers) ? "too sure of itself" : "less sure than it could be";
            markup.Raw($"<div><h3>{E(model.Name)}</h3>{ReliabilityChart.Of(error, model.Name)}<p>Error {N(error.Ece, "0.000")} ({E(words)}; {N(error.OfChance, "0.000")} is what an honest model shows on so many).</p></div>");
        }

        markup.Raw("</div>").FoldedTable(["Model and confidence", "Answers", "Mean confidence", "Right"], report.Models.Where(m => m.Calibration is not null).SelectMany(m => m.Calibration!.Bins.Select(b => (IReadOnlyList<string>)
            [$"{m.Name}, {N(b.From, "0.00")} to {N(b.To, "0.00")}", $"{b.Answers}", Percent(b.Confidence), Percent(b.Right)]))).Raw("</section>");
    }

    /// <summary>What is taken for what.</summary>
    public static void Confusion(Markup markup, EvaluationReport report)
    {
        var models = report.Models.Where(m => m.Confusion.Count > 0).ToList();
        if (models.Count == 0) return;
        markup.Raw("<section class=\"card\"><h2>What is taken for what</h2><p>True label by row, answer by column.</p><div class=\"charts\">");
        foreach (var model in models.Where(_ => report.Labels.Count <= ConfusionChart.LabelsMax))
            markup.Raw($"<div><h3>{E(model.Name)}</h3>{ConfusionChart.Of(model, report.Labels)}</div>");
        markup.Raw("</div>").FoldedTable(["Taken for another", "Count", "Of"], models.SelectMany(m => Pairs(m, report.Labels))).Raw("</section>");
    }

    private static IntervalRow Row(SegmentScore s) => new($"{s.Dimension} {s.Segment}", s.Low!.Value, s.Difference!.Value, s.High!.Value,
        $"{Percent(s.Right.Share)} of {s.Right.Of}, the others {Percent(s.Others.Share)}", s.IsWorse ? "worse" : "");

    private static IEnumerable<IReadOnlyList<string>> Pairs(ModelEvaluation model, IReadOnlyList<string> labels) =>
        (from row in Enumerable.Range(0, labels.Count)
         from answer in Enumerable.Range(0, labels.Count)
         where row != answer && model.Confusion[row][answer] > 0
         orderby model.Confusion[row][answer] descending
         select (IReadOnlyList<string>)[$"{model.Name}: {labels[row]} as {labels[answer]}", $"{model.Confusion[row][answer]}", $"{model.Confusion[row].Sum()}"]).Take(PairsShown);
}
