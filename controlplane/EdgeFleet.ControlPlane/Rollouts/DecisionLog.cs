using EdgeFleet.ControlPlane.Data;
using EdgeFleet.Shared.Api;
using Microsoft.EntityFrameworkCore;

namespace EdgeFleet.ControlPlane.Rollouts;

/// <summary>Writes decisions down. Waits, holds and looks at the way back that follow one another in a wave are one entry that is said anew.</summary>
internal static class DecisionLog
{
    /// <summary>Adds a decision of the rules, or says the last one anew.</summary>
    public static async Task AddAsync(FleetContext db, RolloutNow now, RolloutDecision decision, string? inputs, CancellationToken cancel)
    {
        var last = await db.Set<StoredDecision>().Where(d => d.RolloutId == now.Rollout.Id).OrderByDescending(d => d.Id).FirstOrDefaultAsync(cancel);
        if (last is not null && decision is RolloutDecision.Wait or RolloutDecision.Hold or RolloutDecision.GoBack && last!.Verb == decision.Verb && last.Wave == now.Rollout.Wave)
        {
            (last.Why, last.Next, last.When, last.CanDo) = decision.Verdict;
            (last.Until, last.Inputs) = (now.Now, inputs);
            return;
        }

        db.Add(Entry(now.Rollout, decision.Verb, decision.Verdict, $"rules {RolloutDecider.Rules}", now.Now, inputs));
    }

    /// <summary>A decision that a person took.</summary>
    public static StoredDecision Entry(Rollout rollout, string verb, Verdict verdict, string by, long now, string? inputs = null) => new()
    {
        RolloutId = rollout.Id,
        At = now,
        Until = now,
        Wave = rollout.Wave,
        Verb = verb,
        Why = verdict.Why,
        Next = verdict.Next,
        When = verdict.When,
        CanDo = verdict.CanDo,
        By = by,
        Inputs = inputs,
    };
}
