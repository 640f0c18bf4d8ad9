using EdgeFleet.Agent.Monitoring;
using EdgeFleet.Agent.Updates.Evidence;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;

namespace EdgeFleet.Agent.Updates;

/// <summary>The books of one slot: what happened becomes the next state, goes to disk, and is reported, in this order.</summary>
internal sealed class SlotLedger(SlotName slot, UpdateMachine machine, UpdateStore store, IRecordSink sink, TimeProvider time)
{
    private const int QuarantineMax = 16;
    private const int BaselineWindowsEnough = 8;
    private static readonly TimeSpan ProgressEvery = TimeSpan.FromSeconds(1);

    private SlotRecord _record = store.Load(slot);
    private double? _progress;
    private long _progressAt;

    /// <summary>What is on disk.</summary>
    public SlotRecord Record => Volatile.Read(ref _record);

    /// <summary>Share of a download that is done.</summary>
    public double? Progress => Record.State is Downloading ? _progress : null;

    /// <summary>Why the step that is named waits; null when it does not.</summary>
    public string? Held { get; private set; }

    /// <summary>What a model did in its last minutes; null when that is not known.</summary>
    public Func<string, ModelBaseline?> BaselineOf { get; init; } = _ => null;

    /// <summary>Raised after a change worth a report.</summary>
    public event Action? Changed;

    /// <summary>Goes on to the next state.</summary>
    /// <exception cref="IOException">It could not be saved: nothing changed, and the step must be done again.</exception>
    public UpdateState Apply(UpdateEvent happened)
    {
        var (before, now) = (Record, time.GetUtcNow().ToUnixTimeMilliseconds());
        var state = machine.Next(before.State, happened);
        var moved = state.GetType() != before.State.GetType() || (state as WishState)?.Target != (before.State as WishState)?.Target;
        var serving = ServingAfter(before, state, happened);
        Save(before with
        {
            State = state,
            Since = moved ? now : before.Since,
            Starts = happened is Crashed && !moved ? before.Starts : 0,
            Serving = serving,
            Baseline = BaselineAfter(before.Baseline, serving, state),
            Quarantine = QuarantineAfter(before.Quarantine, state),
        });
        if (!moved)
            return state;

        _progress = null;
        sink.Add(Report(before.State, state, now, happened));
        foreach (var (seen, photo) in happened.Disagreements)
            sink.Add(new DeviceEvent { Type = EventType.Disagreement, At = now, Slot = slot, Disagreement = seen with { Rollout = (state as WishState)?.Target.Rollout ?? 0 } }, photo);
        Changed?.Invoke();
        return state;
    }

    /// <summary>Counts a start of the agent in this state, before anything is loaded.</summary>
    /// <exception cref="IOException">It could not be saved.</exception>
    public void CountStart() => Save(Record with { Starts = Record.Starts + 1 });

    /// <summary>The agent stands: samples were answered since the start.</summary>
    /// <exception cref="IOException">It could not be saved.</exception>
    public void ForgetStarts()
    {
        if (Record.Starts > 0)
            Save(Record with { Starts = 0 });
    }

    /// <summary>Notes that the step waits, or no longer does.</summary>
    /// <returns>True when that is new.</returns>
    public bool SetHeld(string? why)
    {
        if (Held == why)
            return false;

        Held = why;
        Changed?.Invoke();
        return true;
    }

    /// <summary>Notes how far a download is; reported at most once a second.</summary>
    public void SetProgress(double share)
    {
        _progress = Math.Clamp(share, 0, 1);
        if (_progressAt != 0 && time.GetElapsedTime(_progressAt) < ProgressEvery)
            return;

        _progressAt = time.GetTimestamp();
        Changed?.Invoke();
    }

    private void Save(SlotRecord record)
    {
        store.Save(record);
        Volatile.Write(ref _record, record);
    }

    private static Serving ServingAfter(SlotRecord before, UpdateState state, UpdateEvent happened) => (state, happened) switch
    {
        (_, ActiveLost lost) => new Serving(lost.HasPrevious ? before.Serving.Previous : null, null),
        (Committed c, _) when c.Target.Package.Digest != before.Serving.Active?.Digest => new Serving(c.Target.Package, before.Serving.Active),
        _ => before.Serving,
    };

    // The minutes in memory are newer than those on record, and after a start they are few.
    private ModelBaseline? BaselineAfter(ModelBaseline? before, Serving serving, UpdateState state)
    {
        if (serving.Active?.Label is not { } active)
            return null;

        var kept = before?.Model == active ? before : null;
        return state is Probation or RollingBack || BaselineOf(active) is not { } fresh || fresh.Windows < Math.Min(kept?.Windows ?? 0, BaselineWindowsEnough) ? kept : fresh;
    }

    private static IReadOnlyList<Quarantined> QuarantineAfter(IReadOnlyList<Quarantined> before, UpdateState state)
    {
        var entry = state switch
        {
            Rejected r => new Quarantined(r.Target.Package.Digest, r.Target.Attempt, r.Reason, r.Failure),
            RolledBack r => new Quarantined(r.Target.Package.Digest, r.Target.Attempt, r.Reason, FailureKind.Statistical),
            _ => null,
        };
        // One entry a package, with the highest attempt: a repeated old wish must not open the gate again.
        var old = entry is null ? null : before.FirstOrDefault(q => q.Digest == entry.Digest);
        return entry is null || old?.Attempt >= entry.Attempt ? before : [entry, .. before.Where(q => q.Digest != entry.Digest).Take(QuarantineMax - 1)];
    }

    private DeviceEvent Report(UpdateState from, UpdateState to, long at, UpdateEvent happened)
    {
        var (reason, failure) = SlotReport.Ending(to);
        var wish = (to as WishState)?.Target;
        return new DeviceEvent
        {
            Type = EventType.Update,
            At = at,
            Slot = slot,
            Update = new UpdateChange
            {
                From = from.Name,
                To = to.Name,
                Package = wish?.Package,
                Attempt = wish?.Attempt ?? 0,
                Rollout = wish?.Rollout ?? 0,
                Reason = reason,
                Failure = failure,
                Evidence = happened.Evidence,
                Deltas = happened.Deltas,
            },
        };
    }
}
