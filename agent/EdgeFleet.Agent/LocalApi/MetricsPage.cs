using System.Globalization;
using EdgeFleet.Agent.Connectivity;
using EdgeFleet.Agent.Health;
using EdgeFleet.Agent.Inference;
using EdgeFleet.Agent.Power;
using EdgeFleet.Shared.Messages;

namespace EdgeFleet.Agent.LocalApi;

/// <summary>What the board's own monitoring may read; parts that are not there are left out.</summary>
internal sealed record MetricsParts(LatencyWatch Latency, HealthBoard Health, OutboxStore? Outbox, PowerBoard? Power);

/// <summary><c>GET /metrics</c> for Prometheus.</summary>
internal sealed class MetricsPage(IEnumerable<SlotHost> hosts, MetricsParts parts)
{
    private readonly IReadOnlyList<SlotHost> _hosts = [.. hosts];

    /// <summary>All metrics now.</summary>
    public ApiAnswer Answer()
    {
        var text = new MetricsText();
        Samples(text);
        Latency(text);
        Sources(text);
        Calls(text);
        Board(text);
        return ApiAnswer.Text(text.ToString(), MetricsText.MediaType);
    }

    private void Samples(MetricsText text)
    {
        const string Name = "edgefleet_samples_total";
        text.Metric(Name, "counter", "Samples of a slot's source by what became of them.");
        foreach (var host in _hosts)
        {
            var counts = host.Counts;
            foreach (var (outcome, count) in new[]
            {
                ("answered", counts.Answered - counts.Failed), ("failed", counts.Failed), ("dropped", counts.Dropped), ("skipped", counts.Skipped),
            })
                text.Value(Name, count, ("slot", host.Slot.Value), ("outcome", outcome));
        }

        Each(text, "edgefleet_samples_waiting", "gauge", "Samples that wait for the model.", h => h.Counts.Waiting);
        text.Metric("edgefleet_model_info", "gauge", "The model that serves a slot: 1.");
        foreach (var host in _hosts)
        {
            if (host.Active is { } model)
                text.Value("edgefleet_model_info", 1, ("slot", host.Slot.Value), ("model", model.Manifest.Name), ("version", model.Manifest.Version), ("variant", model.Variant.Name));
        }
    }

    private void Latency(MetricsText text)
    {
        const string Name = "edgefleet_sample_seconds";
        text.Metric(Name, "summary", "Time of a sample from its reading to its answer; quantiles over the last 5 to 10 minutes.");
        foreach (var host in _hosts)
        {
            var now = parts.Latency.Of(host.Slot);
            foreach (var (quantile, seconds) in now.Quantiles)
                text.Value(Name, seconds, ("slot", host.Slot.Value), ("quantile", quantile.ToString(CultureInfo.InvariantCulture)));
            text.Value($"{Name}_sum", now.SumSeconds, ("slot", host.Slot.Value));
            text.Value($"{Name}_count", now.Count, ("slot", host.Slot.Value));
        }
    }

    private void Sources(MetricsText text)
    {
        Each(text, "edgefleet_source_frames_total", "counter", "Frames or windows that a live source gave.", h => h.SourceCounters.Frames);
        Each(text, "edgefleet_source_dropped_total", "counter", "Frames that a newer one replaced before the slot read them.", h => h.SourceCounters.Dropped);
        Each(text, "edgefleet_source_rows_skipped_total", "counter", "Readings that were not all numbers.", h => h.SourceCounters.RowsSkipped);
        Each(text, "edgefleet_source_unusable_total", "counter", "Frames or messages that were broken, too large or of another kind.", h => h.SourceCounters.Unusable);
        Each(text, "edgefleet_source_restarts_total", "counter", "Times that a source's program or connection was begun anew.", h => h.SourceCounters.Restarts);
    }

    private void Calls(MetricsText text)
    {
        const string Name = "edgefleet_calls_total";
        text.Metric(Name, "counter", "Calls of other programs to a slot's model by what became of them.");
        foreach (var host in _hosts)
        {
            var calls = host.Queue.Calls;
            text.Value(Name, calls.Answered, ("slot", host.Slot.Value), ("outcome", "answered"));
            text.Value(Name, calls.Failed, ("slot", host.Slot.Value), ("outcome", "failed"));
            text.Value(Name, calls.Refused, ("slot", host.Slot.Value), ("outcome", "refused"));
        }
    }

    private void Board(MetricsText text)
    {
        text.Metric("edgefleet_health_warning", "gauge", "What is wrong on this board now: 1 each.");
        foreach (var warning in parts.Health.Warnings)
            text.Value("edgefleet_health_warning", 1, ("code", warning.Code), ("slot", warning.Slot?.Value ?? ""));
        if (parts.Outbox is { } outbox)
        {
            text.Metric("edgefleet_outbox_waiting", "gauge", "Records that the control plane has not acknowledged.");
            foreach (var stream in RecordStream.All)
                text.Value("edgefleet_outbox_waiting", outbox.Waiting(stream, 0).Count, ("stream", stream));
        }

        if (parts.Power?.Now is not { } power)
            return;
        if (power.Watts is { } watts)
            text.Metric("edgefleet_power_watts", "gauge", "Power of the board.").Value("edgefleet_power_watts", watts, ("sensor", power.Sensor?.Name ?? ""));
        if (power.Temperatures.Count > 0)
            text.Metric("edgefleet_temperature_celsius", "gauge", "Temperatures of the board.");
        foreach (var temperature in power.Temperatures.DistinctBy(t => t.Name))
            text.Value("edgefleet_temperature_celsius", temperature.Celsius, ("place", temperature.Name));
        text.Metric("edgefleet_rate_factor", "gauge", "Share of the slots' rates that the board's state allows.").Value("edgefleet_rate_factor", power.RateFactor);
    }

    private void Each(MetricsText text, string name, string type, string help, Func<SlotHost, long> value)
    {
        text.Metric(name, type, help);
        foreach (var host in _hosts)
            text.Value(name, value(host), ("slot", host.Slot.Value));
    }
}
