using System.Globalization;
using System.Net;
using System.Text;

namespace EdgeFleet.ModelPrep.Evaluating.Html;

/// <summary>Text of a page; everything that comes from outside is encoded.</summary>
internal sealed class Markup
{
    private readonly StringBuilder _text = new();

    /// <summary>Encodes what comes from outside.</summary>
    public static string E(string text) => WebUtility.HtmlEncode(text);

    /// <summary>A number as people and SVG read it.</summary>
    public static string N(double value, string format = "0.##") => value.ToString(format, CultureInfo.InvariantCulture);

    /// <summary>A share as people read it.</summary>
    public static string Percent(double share, string format = "0.0") => N(100 * share, format) + "\u00a0%";

    /// <summary>A quantity with its unit, which stay on one line.</summary>
    public static string Q(double value, string format, string unit) => N(value, format) + "\u00a0" + unit;

    /// <summary>A share with its interval.</summary>
    public static string Share(ShareEstimate share) => $"{Percent(share.Share)} ({N(100 * share.Low, "0")} to {N(100 * share.High, "0")}; {share.Hits} of {share.Of})";

    /// <summary>Adds markup as it is.</summary>
    public Markup Raw(string markup)
    {
        _text.Append(markup).Append('\n');
        return this;
    }

    /// <summary>Adds a table that becomes blocks on a narrow screen; columns that nobody fills are left out.</summary>
    /// <param name="allHeadings">Headings, not encoded yet.</param>
    /// <param name="allRows">Cells, not encoded yet; the first of a row is its name.</param>
    public Markup Table(IReadOnlyList<string> allHeadings, IEnumerable<IReadOnlyList<string>> allRows)
    {
        var given = allRows.ToList();
        var kept = Enumerable.Range(0, allHeadings.Count).Where(i => given.Any(r => r[i].Length > 0)).ToList();
        var (headings, rows) = (kept.ConvertAll(i => allHeadings[i]), given.ConvertAll(r => kept.ConvertAll(i => r[i])));
        _text.Append("<table><thead><tr>");
        foreach (var heading in headings) _text.Append("<th scope=\"col\">").Append(E(heading)).Append("</th>");
        _text.Append("</tr></thead><tbody>\n");
        foreach (var row in rows)
        {
            _text.Append("<tr><th scope=\"row\">").Append(E(row[0])).Append("</th>");
            for (var i = 1; i < row.Count; i++) _text.Append("<td data-label=\"").Append(E(headings[i])).Append("\">").Append(E(row[i])).Append("</td>");
            _text.Append("</tr>\n");
        }

        _text.Append("</tbody></table>\n");
        return this;
    }

    /// <summary>Adds a table that is folded until it is asked for.</summary>
    public Markup FoldedTable(IReadOnlyList<string> headings, IEnumerable<IReadOnlyList<string>> rows)
    {
        Raw("<details><summary>Show as table</summary>");
        Table(headings, rows);
        return Raw("</details>");
    }

    /// <inheritdoc/>
    public override string ToString() => _text.ToString();
}
