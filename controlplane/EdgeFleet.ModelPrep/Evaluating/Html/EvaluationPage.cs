using static EdgeFleet.ModelPrep.Evaluating.Html.Markup;

namespace EdgeFleet.ModelPrep.Evaluating.Html;

/// <summary>The report as one page that stands for itself: no script, no font, nothing from outside.</summary>
public static class EvaluationPage
{
    /// <summary>The page.</summary>
    public static string Of(EvaluationReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var markup = new Markup();
        markup.Raw($"<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>{E(Title(report))}</title><style>{PageStyle.Css}</style></head><body><main>")
            .Raw($"<h1>{E(Title(report))}</h1><p class=\"soft\">{report.Samples} {E(report.Noun)} of {E(report.Data)}, split {E(report.Split)}. Prepared and optimized as on a board, one thread.</p>");
        EvaluationSections.Verdict(markup, report);
        EvaluationSections.Summary(markup, report);
        if (report.IsLabelled)
        {
            QualitySections.Labels(markup, report);
            QualitySections.Segments(markup, report);
            QualitySections.Calibration(markup, report);
            QualitySections.Confusion(markup, report);
        }

        EvaluationSections.Latency(markup, report);
        EvaluationSections.Method(markup, report);
        return markup.Raw("</main></body></html>").ToString();
    }

    private static string Title(EvaluationReport report) => report.Models.Count == 1 ? $"{report.Models[0].Name}, evaluated" : $"{report.Models.Count} models, evaluated";
}
