using System.Collections.Concurrent;
using EdgeFleet.Agent.Inference;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Models.Evidence;

namespace EdgeFleet.Agent.Updates.Evidence;

/// <summary>How much a candidate runs in shadow.</summary>
/// <param name="Share">Share of the samples that it is shown, above 0 and at most 1.</param>
/// <param name="Samples">Samples that end it.</param>
/// <param name="Time">Time that ends it.</param>
/// <param name="BusyShareMax">Share of the time that it may keep the slot busy.</param>
internal sealed record ShadowPlan(double Share, long Samples, TimeSpan Time, double BusyShareMax);

/// <summary>
/// Shows candidates the samples that the model which serves has just answered, on the slot's own thread, and keeps what comes of it apart: no answer of a candidate
/// reaches statistics or alerts.
/// </summary>
internal sealed class ShadowRunner(InferenceOptions options, TimeProvider time) : ISampleObserver
{
    private readonly ConcurrentDictionary<SlotName, ShadowSession> _sessions = new();

    /// <inheritdoc/>
    public void Observe(in SampleResult result)
    {
        if (_sessions.TryGetValue(result.Slot, out var session))
            session.Show(result);
    }

    /// <summary>Runs a candidate in shadow until it has seen enough or its time is over. The candidate stays the caller's.</summary>
    /// <param name="host">The slot.</param>
    /// <param name="active">The model that serves.</param>
    /// <param name="candidate">The candidate, loaded.</param>
    /// <param name="plan">How much.</param>
    /// <param name="cancel">Ends it; the candidate is in no run then.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task<CandidateEvidence> RunAsync(IModelHost host, LoadedModel active, LoadedModel candidate, ShadowPlan plan, CancellationToken cancel)
    {
        using var session = new ShadowSession(active, candidate, plan, time, TimeSpan.FromSeconds(options.RunTimeoutSeconds));
        if (!_sessions.TryAdd(host.Slot, session))
            throw new InvalidOperationException($"Slot {host.Slot} has a candidate in shadow already.");
        try
        {
            await session.Enough.WaitAsync(plan.Time, time, cancel);
        }
        catch (TimeoutException)
        {
            // Few samples came; what they gave is reported with their number.
        }
        finally
        {
            _sessions.TryRemove(host.Slot, out _);
            session.Close();
        }

        return session.Build();
    }
}
