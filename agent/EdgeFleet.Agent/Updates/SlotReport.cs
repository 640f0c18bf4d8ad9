using EdgeFleet.Agent.Inference;
using EdgeFleet.Shared.Messages;

namespace EdgeFleet.Agent.Updates;

/// <summary>A slot's state in the words of the wire.</summary>
internal static class SlotReport
{
    /// <summary>The slot as it is reported.</summary>
    public static ReportedSlot Of(SlotLedger ledger, LoadedModel? active, SampleCounts samples)
    {
        var record = ledger.Record;
        var (reason, failure) = Ending(record.State);
        var wish = (record.State as WishState)?.Target;
        return new ReportedSlot
        {
            Slot = record.Slot,
            State = record.State.Name,
            Since = record.Since,
            Active = active?.Package,
            Variant = active?.Variant.Name,
            Candidate = record.State is Idle or Committed ? null : wish?.Package,
            // While a candidate serves, the committed model is the one that stays ready.
            Previous = record.State is Probation or RollingBack ? record.Serving.Active : record.Serving.Previous,
            Attempt = wish?.Attempt ?? 0,
            Rollout = wish?.Rollout ?? 0,
            Reason = reason,
            Failure = failure,
            Shadow = record.State switch { Activating s => s.Shadow, Probation s => s.Shadow, Committed s => s.Shadow, _ => null },
            Progress = ledger.Progress,
            Held = ledger.Held,
            Samples = samples,
        };
    }

    /// <summary>Why an update ended badly and how a rollout takes it; nulls while it has not.</summary>
    public static (string? Reason, FailureKind? Failure) Ending(UpdateState state) => state switch
    {
        Rejected s => (s.Reason, s.Failure),
        RollingBack { Recall: null } s => (s.Reason, FailureKind.Statistical),
        RollingBack s => (s.Reason, null),
        RolledBack s => (s.Reason, FailureKind.Statistical),
        Inconsistent s => (s.Reason, FailureKind.Statistical),
        _ => (null, null),
    };
}
