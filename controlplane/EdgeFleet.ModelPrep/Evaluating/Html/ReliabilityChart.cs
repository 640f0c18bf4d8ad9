using static EdgeFleet.ModelPrep.Evaluating.Html.Markup;

namespace EdgeFleet.ModelPrep.Evaluating.Html;

/// <summary>Confidence against share of right answers: on the dashed line a model is as sure as it is right. A bar's height is its share of the answers.</summary>
internal static class ReliabilityChart
{
    private const double Size = 240;
    private const double Left = 44;
    private const double Top = 8;

    /// <summary>Draws the bins.</summary>
    public static string Of(CalibrationError error, string name)
    {
        double X(double value) => Left + (Size * value);
        double Y(double value) => Top + (Size * (1 - value));
        var all = error.Bins.Sum(b => b.Answers);
        var markup = new Markup();
        markup.Raw($"<svg viewBox=\"0 0 {N(Left + Size + 12)} {N(Top + Size + 40)}\" role=\"img\" aria-label=\"{E($"{name}: confidence against right answers; calibration error {N(error.Ece, "0.000")}")}\">");
        foreach (var mark in new[] { 0, 0.25, 0.5, 0.75, 1 })
        {
            markup.Raw($"<line class=\"grid\" x1=\"{N(X(0))}\" x2=\"{N(X(1))}\" y1=\"{N(Y(mark))}\" y2=\"{N(Y(mark))}\"/><text class=\"s\" x=\"{N(Left - 6)}\" y=\"{N(Y(mark) + 4)}\" text-anchor=\"end\">{N(100 * mark)}</text>")
                .Raw($"<text class=\"s\" x=\"{N(X(mark))}\" y=\"{N(Top + Size + 16)}\" text-anchor=\"middle\">{N(100 * mark)}</text>");
        }

        foreach (var bin in error.Bins)
            markup.Raw($"<rect class=\"bar\" x=\"{N(X(bin.From) + 0.5)}\" width=\"{N(X(bin.To) - X(bin.From) - 1)}\" y=\"{N(Y((double)bin.Answers / all))}\" height=\"{N(Size * bin.Answers / all)}\"><title>{E(Words(bin))}</title></rect>");
        markup.Raw($"<line class=\"same\" x1=\"{N(X(0))}\" y1=\"{N(Y(0))}\" x2=\"{N(X(1))}\" y2=\"{N(Y(1))}\"/>")
            .Raw($"<polyline class=\"line\" points=\"{string.Join(' ', error.Bins.Select(b => $"{N(X(b.Confidence))},{N(Y(b.Right))}"))}\"/>");
        foreach (var bin in error.Bins) markup.Raw($"<circle class=\"dot\" cx=\"{N(X(bin.Confidence))}\" cy=\"{N(Y(bin.Right))}\" r=\"4\"><title>{E(Words(bin))}</title></circle>");
        return markup.Raw($"<text class=\"s\" x=\"{N(X(0.5))}\" y=\"{N(Top + Size + 34)}\" text-anchor=\"middle\">confidence, %</text><text class=\"s\" transform=\"translate(11 {N(Y(0.5))}) rotate(-90)\" text-anchor=\"middle\">right, %</text></svg>").ToString();
    }

    private static string Words(CalibrationBin bin) => $"{bin.Answers} answers with a mean confidence of {Percent(bin.Confidence)}: {Percent(bin.Right)} right";
}
