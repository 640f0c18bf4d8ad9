using System.Text.Json;
using EdgeFleet.ControlPlane.Data;
using EdgeFleet.ControlPlane.Rollouts.Evidence;
using EdgeFleet.Shared.Api;
using Microsoft.EntityFrameworkCore;

namespace EdgeFleet.ControlPlane.Rollouts;

/// <summary>Takes every stored decision of a rollout again from the facts that it was taken from, and says whether the rules of now come to the same.</summary>
internal sealed class RolloutExplainer(IDbContextFactory<FleetContext> contexts, TimeProvider time)
{
    private const int DecisionsMax = 1000;

    /// <summary>Explains; null if there is no such rollout.</summary>
    public async Task<RolloutExplanation?> ExplainAsync(long id, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        if (await RolloutReader.ReadAsync(db, id, time, cancel) is not { } now)
            return null;

        var decisions = await db.Set<StoredDecision>().AsNoTracking().Where(d => d.RolloutId == id).OrderByDescending(d => d.Id).Take(DecisionsMax).ToListAsync(cancel);
        return new RolloutExplanation(RolloutShapes.Detail(now, [], null, []).Rollout, EvidencePower.Say(now.Plan), [.. decisions.AsEnumerable().Reverse().Select(Explain)]);
    }

    /// <summary>Takes one again.</summary>
    public static ExplainedDecision Explain(StoredDecision stored)
    {
        var verdict = new Verdict(stored.Why, stored.Next, stored.When, stored.CanDo);
        var (at, until) = (DateTimeOffset.FromUnixTimeMilliseconds(stored.At), DateTimeOffset.FromUnixTimeMilliseconds(stored.Until));
        if (stored.Inputs is null)
            return new ExplainedDecision(at, until, stored.Wave, stored.Verb, verdict, stored.By, null, null, []);

        var inputs = JsonSerializer.Deserialize(stored.Inputs, RolloutJson.Default.DecisionInputs)!;
        var again = RolloutDecider.Decide(inputs);
        var same = again.Verb == stored.Verb && again.Verdict == verdict;
        return new ExplainedDecision(at, until, stored.Wave, stored.Verb, verdict, stored.By, same, same ? null : $"{again.Verb}: {again.Verdict.Why}", [.. Seen(inputs.Facts)]);
    }

    private static IEnumerable<string> Seen(RolloutFacts facts)
    {
        foreach (var wave in facts.Told)
            yield return $"Wave {wave.Number}: {RolloutSentences.Counts(wave)}.";
        if (facts.Evidence is { } evidence)
        {
            foreach (var line in EvidenceSentences.Lines(evidence))
                yield return line;
        }
    }
}
