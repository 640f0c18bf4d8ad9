using EdgeFleet.ControlPlane.Data;
using EdgeFleet.Shared.Models;
using Microsoft.EntityFrameworkCore;

namespace EdgeFleet.ControlPlane.Alerts;

/// <summary>
/// How often answers like one were right: from the people who judged alerts of the same label by the same model, once there are
/// <see cref="VerdictsMin"/>, else from the calibration map that the package brought. Never from the score itself.
/// </summary>
internal sealed class AnswerQuality(IDbContextFactory<FleetContext> contexts, CalibrationMaps maps)
{
    /// <summary>Verdicts below which people's judgement is not used.</summary>
    public const int VerdictsMin = 30;

    /// <summary>What is known about answers of a model, given as <c>name@version</c>, with a label.</summary>
    public async Task<AnswerRecord> OfAsync(string model, string label, CancellationToken cancel) =>
        new(await FromPeopleAsync(model, label, cancel), await maps.FindAsync(model, cancel));

    private async Task<int?> FromPeopleAsync(string model, string label, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var counts = await db.Set<Alert>().Where(a => a.Model == model && a.Label == label)
            .SelectMany(a => a.Actions).Where(x => x.Kind == AlertActionKind.Verdict)
            .GroupBy(x => x.Value).Select(g => new { g.Key, Count = g.Count() }).ToListAsync(cancel);
        var right = counts.FirstOrDefault(c => c.Key == "right")?.Count ?? 0;
        var judged = right + (counts.FirstOrDefault(c => c.Key == "wrong")?.Count ?? 0);
        return judged < VerdictsMin ? null : 100 * right / judged;
    }
}

/// <summary>How often answers of one model with one label were right.</summary>
/// <param name="FromPeople">Of 100 that people judged; null while too few did.</param>
/// <param name="Map">The package's calibration map.</param>
internal sealed record AnswerRecord(int? FromPeople, IReadOnlyList<CalibrationStep> Map)
{
    private const int AnswersMin = 10;

    /// <summary>Of 100 answers like one with this confidence, about so many were right; null when that was not measured.</summary>
    public int? RightOf100(double confidence)
    {
        if (FromPeople is not null)
            return FromPeople;
        var step = Map.OrderBy(s => s.ConfidenceTo).FirstOrDefault(s => confidence <= s.ConfidenceTo);
        return step is null || step.Answers < AnswersMin ? null : (int)(100 * step.Right / step.Answers);
    }
}
