using EdgeFleet.Agent.Inference;
using EdgeFleet.Agent.Monitoring;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using Microsoft.Extensions.Logging;

namespace EdgeFleet.Agent.Alerts;

/// <summary>Shows every answer to the rules of its slot, and sends what they raise and clear, with the photo or the readings that show it best.</summary>
internal sealed partial class AlertObserver : ISampleObserver
{
    private readonly Dictionary<SlotName, (SlotHost Host, SlotAlerts Alerts)> _slots;
    private readonly IRecordSink _sink;
    private readonly AlertStore _store;
    private readonly TimeProvider _time;
    private readonly ILogger<AlertObserver> _logger;

    /// <summary>Rules for every slot, with the alerts that were open when the process ended last.</summary>
    public AlertObserver(IEnumerable<SlotHost> hosts, IRecordSink sink, AlertStore store, TimeProvider time, ILogger<AlertObserver> logger)
    {
        _sink = sink;
        _store = store;
        _time = time;
        _logger = logger;
        _slots = hosts.ToDictionary(h => h.Slot, h => (h, new SlotAlerts(store.OpenIn(h.Slot))));
    }

    /// <inheritdoc/>
    public void Observe(in SampleResult result)
    {
        if (result.Answer is not { } answer)
            return;

        var (host, alerts) = _slots[result.Slot];
        var happened = alerts.Observe(result.Model, result.Sample, answer, new AlertLimits(host.ConfidenceMin(result.Model), host.ScoreThreshold(result.Model)));
        if (happened.Count == 0)
            return;

        foreach (var alert in happened)
            Send(result.Slot, alert, result.Model.Manifest.Input.Channels);
        _store.Keep(result.Slot, alerts.Open);
    }

    // Once an alert, not once a sample: the photo's few milliseconds are spent on the slot's own thread.
    private void Send(SlotName slot, AlertHappened alert, int channels)
    {
        var photo = alert.Clearest is { } clearest ? AlertPhoto.Encode(clearest.Sample) : default;
        var change = alert.Change with
        {
            Photo = photo.IsEmpty ? null : Sha256Digest.Of(photo.Span),
            Readings = alert.Clearest is { Sample: { Kind: SampleKind.Window } measured } ? AlertPhoto.Thin(measured.Window, channels) : null,
        };
        Log.AlertChanged(_logger, slot, change.Rule, change.Raised ? "raised" : "cleared", change.Seen, change.Of);
        _sink.Add(new DeviceEvent { Type = EventType.Alert, At = _time.GetUtcNow().ToUnixTimeMilliseconds(), Slot = slot, Alert = change }, photo);
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "Slot {Slot}: alert {Rule} {Change}, shown by {Seen} of {Of} samples")]
        public static partial void AlertChanged(ILogger logger, SlotName slot, string rule, string change, int seen, int of);
    }
}
