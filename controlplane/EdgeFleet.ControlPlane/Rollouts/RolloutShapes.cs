using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.ControlPlane.Rollouts;

/// <summary>Rollouts as the API shows them.</summary>
internal static class RolloutShapes
{
    /// <summary>A row in a list.</summary>
    public static RolloutSummary Summary(Rollout rollout, int devices, int committed, int failed) => new(
        rollout.Id, rollout.Model, rollout.Version, rollout.Slot.Value, rollout.Selector, rollout.State.Name(), Time(rollout.Since), rollout.Why,
        devices, committed, failed, rollout.StartedBy, Time(rollout.Started));

    /// <summary>Everything about one.</summary>
    public static RolloutDetail Detail(RolloutNow now, IEnumerable<StoredDecision> decisions, ShadowLimits? limits, IEnumerable<ShadowExample> examples)
    {
        var words = now.Devices.Select(d => (Device: d, State: StateOf(now, d))).ToList();
        return new RolloutDetail(
            Summary(now.Rollout, now.Devices.Count, words.Count(w => w.State == "committed"), now.Devices.Count(d => d.Row.Progress is Progress.Rejected or Progress.RolledBack)),
            now.Rollout.Verdict,
            now.Plan.Gate,
            [.. words.GroupBy(w => w.Device.Row.Wave).OrderBy(g => g.Key).Select(g => Wave(now, g.Key, [.. g.Select(w => w.State)]))],
            [.. words.Select(w => new RolloutDeviceSummary(w.Device.Row.Device.Value, w.Device.Row.Wave, w.State, Time(w.Device.Row.Changed ?? w.Device.Row.Told), w.Device.Row.Reason, ShadowOf(now, w.Device))),
             .. now.Plan.LeftOut.Select(l => new RolloutDeviceSummary(l.Device, 0, "left-out", null, l.Why))],
            [.. decisions.Select(d => new RolloutDecisionSummary(Time(d.At), d.Verb, d.Why, d.By))])
        {
            Shadow = now.Plan.Shadow is { } order && limits is not null ? order with { Limits = limits.And(order.Limits) } : now.Plan.Shadow,
            Disagreements = [.. examples.Select(Shown)],
        };
    }

    // What the slot says is about another version once a newer rollout has told it.
    private static string? ShadowOf(RolloutNow now, DeviceNow device) =>
        device.Slot is { } slot && slot.Rollout == now.Rollout.Id && device.Row.Prepared is not null ? slot.Shadow : null;

    private static DisagreementSummary Shown(ShadowExample example) => new(
        example.Device.Value, DeviceTime(example.At), example.Model, example.Answer, example.Confidence, example.CandidateAnswer, example.CandidateConfidence,
        example.Photo?.Value, example.Readings);

    private static WaveSummary Wave(RolloutNow now, int number, IReadOnlyList<string> states)
    {
        var state = number > now.Rollout.Wave ? "waiting" : number < now.Rollout.Wave ? "passed" : now.Rollout.State == RolloutState.Done ? "passed" : now.Rollout.State.Name();
        return new WaveSummary(
            number, states.Count, state, Count("committed", "keeps"), Count("probation"), Count("under-way", "going-back"), Count("rejected"), Count("rolled-back", "back"),
            Count("silent", "late"), Count("offline"), Count("waiting", "taken-over"));

        int Count(params ReadOnlySpan<string> of)
        {
            var count = 0;
            foreach (var word in states)
                count += of.Contains(word) ? 1 : 0;
            return count;
        }
    }

    private static string StateOf(RolloutNow now, DeviceNow device)
    {
        var row = device.Row;
        return row.Return switch
        {
            Return.Asked => "going-back",
            Return.Returned => "back",
            Return.Keeps => "keeps",
            Return.TakenOver => "taken-over",
            _ when row.Progress == Progress.Rejected => "rejected",
            _ when row.Progress == Progress.RolledBack => "rolled-back",
            _ when row.Wave > now.Rollout.Wave => "waiting",
            _ => now.ClassOf(device) switch
            {
                DeviceClass.Committed => "committed",
                DeviceClass.Probation => "probation",
                DeviceClass.UnderWay => "under-way",
                DeviceClass.Silent => "silent",
                DeviceClass.Late => "late",
                DeviceClass.Offline => "offline",
                _ => "waiting",
            },
        };
    }

    // Device clocks lie.
    private static DateTimeOffset? DeviceTime(long at) => at is >= -62_135_596_800_000 and <= 253_402_300_799_999 ? Time(at) : null;

    private static DateTimeOffset Time(long at) => DateTimeOffset.FromUnixTimeMilliseconds(at);

    private static DateTimeOffset? Time(long? at) => at is { } moment ? Time(moment) : null;
}
