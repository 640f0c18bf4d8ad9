using EdgeFleet.Agent.Power;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models.Evidence;

namespace EdgeFleet.Agent.Updates.Evidence;

/// <summary>
/// Energy of a candidate in shadow: what the board took more than in the minutes before, spread over the candidate's runs. What the idle board and the serving model take
/// is in both and falls away, as long as samples come at the same rate. It is told only where its standard error is small beside the serving model's own energy; never a
/// guess. Pure.
/// </summary>
internal static class ShadowEnergy
{
    private const int RowsMin = 3;
    private const double SecondsMin = 30;
    private const double RateChangeMax = 0.1;
    private const double SigmaShareMax = 0.25;

    /// <summary>Adds the energy of both models to the evidence where it is known; else returns it as it is.</summary>
    /// <param name="evidence">What was seen.</param>
    /// <param name="before">Minutes of the serving model before the shadow.</param>
    /// <param name="during">What the meter measured in the shadow.</param>
    /// <param name="answered">Samples that the serving model answered in the shadow.</param>
    public static CandidateEvidence AddTo(CandidateEvidence evidence, IReadOnlyList<MinuteRow> before, PowerTotals during, long answered)
    {
        var shown = evidence.Samples;
        // Strain changes clocks and rates; then the minutes before tell nothing.
        if (shown == 0 || evidence.Paused > 0 || Judge(before, during, answered, shown) is not var (mine, theirs))
            return evidence;

        return evidence with
        {
            Candidate = evidence.Candidate with { EnergyUj = (long)(1e6 * mine * shown), EnergySamples = shown },
            Other = evidence.Other with { EnergyUj = (long)(1e6 * theirs * shown), EnergySamples = shown },
        };
    }

    private static (double Candidate, double Active)? Judge(IReadOnlyList<MinuteRow> before, PowerTotals during, long answered, long shown)
    {
        var rows = before.Where(r => r is { Answered: > 0, Seconds: > 0, EnergyUj: not null, EnergyNetUj: not null, EnergyShare: null }).ToList();
        if (rows.Count < RowsMin || during.Seconds < SecondsMin)
            return null;

        var rate = rows.Sum(r => r.Answered) / rows.Sum(r => (double)r.Seconds);
        if (Math.Abs(answered / during.Seconds / rate - 1) > RateChangeMax)
            return null;

        var watts = rows.ConvertAll(r => r.EnergyUj!.Value / 1e6 * r.Answered / r.Seconds);
        var mean = watts.Average();
        var variance = watts.Sum(w => (w - mean) * (w - mean)) / (rows.Count - 1);
        var error = Math.Sqrt(variance / rows.Count + variance * rows.Average(r => r.Seconds) / during.Seconds);
        var active = rows.Sum(r => r.EnergyNetUj!.Value / 1e6 * r.Answered) / rows.Sum(r => r.Answered);
        var (more, sigma) = ((during.Joules / during.Seconds - mean) * during.Seconds / shown, error * during.Seconds / shown);
        return active > 0 && sigma <= SigmaShareMax * active ? (Math.Max(0, more), active) : null;
    }
}
