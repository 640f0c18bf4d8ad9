using static EdgeFleet.ModelPrep.Evaluating.Html.Markup;

namespace EdgeFleet.ModelPrep.Evaluating.Html;

/// <summary>True label by row, answer by column; the darker a cell, the larger its share of the row.</summary>
internal static class ConfusionChart
{
    /// <summary>More labels than this are told by their worst confusions alone.</summary>
    public const int LabelsMax = 12;

    private const double Left = 96;
    private const double Top = 8;
    private const double Side = 220;

    /// <summary>Draws the counts.</summary>
    public static string Of(ModelEvaluation model, IReadOnlyList<string> labels)
    {
        var cell = Side / labels.Count;
        var markup = new Markup();
        markup.Raw($"<svg viewBox=\"0 0 {N(Left + Side + 4)} {N(Top + Side + 84)}\" role=\"img\" aria-label=\"{E($"{model.Name}: confusion of {labels.Count} labels, as in the table below")}\">");
        for (var row = 0; row < labels.Count; row++)
        {
            markup.Raw($"<text x=\"{N(Left - 6)}\" y=\"{N(Top + (cell * (row + 0.5)) + 4)}\" text-anchor=\"end\">{E(Short(labels[row]))}</text>")
                .Raw($"<text transform=\"translate({N(Left + (cell * (row + 0.5)) + 4)} {N(Top + Side + 8)}) rotate(-60)\" text-anchor=\"end\">{E(Short(labels[row]))}</text>");
            var all = Math.Max(1, model.Confusion[row].Sum());
            for (var answer = 0; answer < labels.Count; answer++)
                markup.Raw(Cell(model.Confusion[row][answer], all, Left + (cell * answer), Top + (cell * row), cell, row == answer, $"{labels[row]} answered as {labels[answer]}"));
        }

        return markup.Raw("</svg>").ToString();
    }

    private static string Cell(int count, int all, double x, double y, double cell, bool isRight, string words)
    {
        var share = (double)count / all;
        var text = count == 0 ? "" : $"<text x=\"{N(x + (cell / 2))}\" y=\"{N(y + (cell / 2) + 4)}\" text-anchor=\"middle\">{count}</text>";
        return $"<rect x=\"{N(x + 1)}\" y=\"{N(y + 1)}\" width=\"{N(cell - 2)}\" height=\"{N(cell - 2)}\" rx=\"3\" fill=\"var(--{(isRight ? "good" : "critical")})\" fill-opacity=\"{N(count == 0 ? 0.04 : 0.08 + (0.37 * share))}\"><title>{E($"{words}: {count} of {all}")}</title></rect>{text}";
    }

    private static string Short(string label) => label.Length <= 13 ? label : label[..12] + "…";
}
