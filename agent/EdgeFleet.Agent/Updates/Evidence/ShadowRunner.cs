using System.Collections.Concurrent;
using EdgeFleet.Agent.Inference;
using EdgeFleet.Agent.Power;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models.Evidence;

namespace EdgeFleet.Agent.Updates.Evidence;

/// <summary>How much a candidate runs in shadow.</summary>
/// <param name="Share">Share of the samples that it is shown, above 0 and at most 1.</param>
/// <param name="Samples">Samples that end it.</param>
/// <param name="Time">Time that ends it; what the board is strained does not count.</param>
/// <param name="BusyShareMax">Share of the time that it may keep the slot busy.</param>
internal sealed record ShadowPlan(double Share, long Samples, TimeSpan Time, double BusyShareMax)
{
    /// <summary>Energy of the board that ends it, in joules; 0 for no bound.</summary>
    public double EnergyJMax { get; init; }

    /// <summary>Samples kept on which the two disagree.</summary>
    public int Examples { get; init; }
}

/// <summary>What a candidate in shadow touches of the board.</summary>
/// <param name="Time">Clock.</param>
internal sealed record ShadowSurroundings(TimeProvider Time)
{
    /// <summary>Longest run of a model.</summary>
    public TimeSpan RunTimeout { get; init; } = TimeSpan.FromSeconds(new InferenceOptions().RunTimeoutSeconds);

    /// <summary>Says when the board is hot, throttled or low on battery.</summary>
    public UpdateHold Hold { get; init; } = new();

    /// <summary>Power of the board now in watts; null where no meter tells.</summary>
    public Func<double?> Watts { get; init; } = () => null;

    /// <summary>What the meter has measured so far; null where there is none, or where several slots share it.</summary>
    public Func<PowerTotals?> Energy { get; init; } = () => null;

    /// <summary>The last minutes of a model in a slot, before the shadow.</summary>
    public Func<SlotName, string, IReadOnlyList<MinuteRow>> Minutes { get; init; } = (_, _) => [];
}

/// <summary>What a shadow gave: the evidence, and samples to look at.</summary>
internal sealed record ShadowSeen(CandidateEvidence Evidence, IReadOnlyList<DisagreementFound> Disagreements)
{
    /// <summary>Why it ended before its samples and its time were over, as a clause; null when it did not.</summary>
    public string? Cut { get; init; }
}

/// <summary>
/// Shows candidates the samples that the model which serves has just answered, on the slot's own thread, and keeps what comes of it apart: no answer of a candidate
/// reaches statistics or alerts.
/// </summary>
internal sealed class ShadowRunner(ShadowSurroundings around) : ISampleObserver
{
    // How soon a strain of the board is seen where no sample tells.
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<SlotName, ShadowSession> _sessions = new();

    /// <summary>True while a candidate runs in a slot's shadow: what its meter shows is not the serving model's alone.</summary>
    public bool IsIn(SlotName slot) => _sessions.ContainsKey(slot);

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
    /// <param name="held">Told why it pauses, and null when it goes on.</param>
    /// <param name="cancel">Ends it; the candidate is in no run then.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task<ShadowSeen> RunAsync(IModelHost host, LoadedModel active, LoadedModel candidate, ShadowPlan plan, Action<string?> held, CancellationToken cancel)
    {
        var before = around.Minutes(host.Slot, active.Package.Label);
        using var session = new ShadowSession(active, candidate, plan, around);
        var (from, answered) = (around.Energy(), host.Counts.Answered);
        if (!_sessions.TryAdd(host.Slot, session))
            throw new InvalidOperationException($"Slot {host.Slot} has a candidate in shadow already.");
        try
        {
            await EndAsync(session, plan, held, cancel);
        }
        finally
        {
            _sessions.TryRemove(host.Slot, out _);
            session.Close();
            held(null);
        }

        var seen = session.Build();
        return from is { } begun && around.Energy() is { } now
            ? seen with { Evidence = ShadowEnergy.AddTo(seen.Evidence, before, now.Since(begun), host.Counts.Answered - answered) }
            : seen;
    }

    // A strained board pauses the shadow, and the pause is not taken off its time.
    private async Task EndAsync(ShadowSession session, ShadowPlan plan, Action<string?> held, CancellationToken cancel)
    {
        for (var left = plan.Time; left > TimeSpan.Zero;)
        {
            var (strain, from) = (around.Hold.Strain, around.Time.GetTimestamp());
            held(strain is null ? null : $"The board is {strain}; the candidate in shadow pauses and goes on by itself.");
            try
            {
                await session.Enough.WaitAsync(left < Look ? left : Look, around.Time, cancel);
                return;
            }
            catch (TimeoutException) when (strain is null)
            {
                left -= around.Time.GetElapsedTime(from); // At the end few samples came; what they gave is reported with their number.
            }
            catch (TimeoutException)
            {
                session.Rested(around.Time.GetElapsedTime(from));
            }
        }
    }
}
