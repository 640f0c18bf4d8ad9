using EdgeFleet.Agent.Inference;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EdgeFleet.Agent.Monitoring;

/// <summary>Shows every answer to the drift of its slot, and tells what changes.</summary>
internal sealed partial class DriftObserver : ISampleObserver, IMinuteObserver
{
    private readonly Dictionary<SlotName, DriftSlot> _slots;
    private readonly IRecordSink _sink;
    private readonly TimeProvider _time;
    private readonly ILogger<DriftObserver> _logger;

    /// <summary>Watches every slot.</summary>
    public DriftObserver(IEnumerable<DriftSlot> slots, IRecordSink sink, TimeProvider time, ILogger<DriftObserver> logger)
    {
        (_sink, _time, _logger) = (sink, time, logger);
        _slots = slots.ToDictionary(s => s.Slot);
    }

    /// <summary>Raised after a state of drift changed, or a segment began to be watched; any thread.</summary>
    public event Action? Changed;

    /// <inheritdoc/>
    public void Observe(in SampleResult result)
    {
        if (result.Error is not null)
            return;

        var change = _slots[result.Slot].Observe(result, out var began);
        if (change is not null)
            Tell(result.Slot, change);
        if (began || change is not null)
            Changed?.Invoke();
    }

    /// <inheritdoc/>
    public void Observe(MinuteRow row)
    {
        // Drift is not judged by minutes.
    }

    /// <inheritdoc/>
    public HourlyProfile Finish(HourlyProfile profile, Reference reference) => _slots[profile.Slot].Finish(profile, reference);

    /// <summary>What is known of a slot; null until something was answered.</summary>
    public DriftReport? ReportOf(SlotName slot) => _slots.GetValueOrDefault(slot)?.Report();

    /// <summary>Forgets what every slot has learned.</summary>
    public void Rebaseline()
    {
        foreach (var slot in _slots.Values)
        {
            slot.Rebaseline();
            Log.Rebaselined(_logger, slot.Slot);
        }

        Changed?.Invoke();
    }

    private void Tell(SlotName slot, DriftChange change)
    {
        Log.DriftChanged(_logger, slot, change.Now.Segment, change.From, change.Now.State, string.Join(", ", change.Now.Causes));
        _sink.Add(new DeviceEvent { Type = EventType.Drift, At = _time.GetUtcNow().ToUnixTimeMilliseconds(), Slot = slot, Drift = change });
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "Slot {Slot}: drift by {Segment} went from {From} to {To} {Causes}")]
        public static partial void DriftChanged(ILogger logger, SlotName slot, string segment, string from, string to, string causes);

        [LoggerMessage(LogLevel.Information, "Slot {Slot}: the baseline is learned anew, as asked")]
        public static partial void Rebaselined(ILogger logger, SlotName slot);
    }
}
