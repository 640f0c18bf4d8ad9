using static EdgeFleet.ModelPrep.Evaluating.Html.Markup;

namespace EdgeFleet.ModelPrep.Evaluating.Html;

/// <summary>A line of an interval chart.</summary>
/// <param name="Name">What it is of.</param>
/// <param name="Low">Lower end.</param>
/// <param name="Value">The estimate.</param>
/// <param name="High">Upper end.</param>
/// <param name="Words">The same in words.</param>
/// <param name="Style"><c>worse</c>, <c>few</c> or nothing.</param>
internal sealed record IntervalRow(string Name, double Low, double Value, double High, string Words, string Style = "");

/// <summary>Rows of name, drawing and words, all on one scale: the band is the interval, the dot the estimate.</summary>
internal static class IntervalChart
{
    private const double Width = 300;
    private const double Height = 28;
    private const double Margin = 8;

    /// <summary>Draws rows between two ends of the scale.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="from">Left end.</param>
    /// <param name="to">Right end.</param>
    /// <param name="same">Where a dashed line stands; null for none.</param>
    /// <param name="tick">Words at the ends of the scale.</param>
    public static string Of(IReadOnlyList<IntervalRow> rows, double from, double to, double? same, Func<double, string> tick)
    {
        double X(double value) => Margin + ((Width - (2 * Margin)) * Math.Clamp((value - from) / (to - from), 0, 1));
        var markup = new Markup();
        foreach (var row in rows)
        {
            markup.Raw($"<div class=\"row {row.Style}\"><div>{E(row.Name)}</div><svg viewBox=\"0 0 {N(Width)} {N(Height)}\" role=\"img\" aria-label=\"{E($"{row.Name}: {row.Words}")}\">")
                .Raw($"<line class=\"axis\" x1=\"{N(X(from))}\" x2=\"{N(X(to))}\" y1=\"24\" y2=\"24\"/>")
                .Raw(same is { } at ? $"<line class=\"same\" x1=\"{N(X(at))}\" x2=\"{N(X(at))}\" y1=\"2\" y2=\"26\"/>" : "")
                .Raw($"<line class=\"band\" x1=\"{N(X(row.Low))}\" x2=\"{N(X(row.High))}\" y1=\"13\" y2=\"13\"/><circle class=\"dot\" cx=\"{N(X(row.Value))}\" cy=\"13\" r=\"4.5\"/></svg><div>{E(row.Words)}</div></div>");
        }

        var middle = same is null ? "" : $"<text class=\"s\" x=\"{N(X(same.Value))}\" y=\"14\" text-anchor=\"middle\">{E(tick(same.Value))}</text>";
        return markup.Raw($"<div class=\"row\"><div></div><svg viewBox=\"0 0 {N(Width)} 18\" aria-hidden=\"true\"><text class=\"s\" x=\"{N(Margin)}\" y=\"14\">{E(tick(from))}</text>{middle}<text class=\"s\" x=\"{N(Width - Margin)}\" y=\"14\" text-anchor=\"end\">{E(tick(to))}</text></svg><div></div></div>").ToString();
    }
}
