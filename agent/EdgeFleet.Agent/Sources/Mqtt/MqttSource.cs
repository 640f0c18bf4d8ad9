using EdgeFleet.Agent.Inference;
using EdgeFleet.Agent.Sources.Live;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.Agent.Sources.Mqtt;

/// <summary>Images or windows of readings from a topic, the newest at each reading.</summary>
internal sealed class MqttSource : ISampleSource
{
    private readonly MqttSourceOptions _options;
    private readonly LiveReader _reader;
    private readonly MqttFeed _feed;

    /// <summary>A source that connects at the first reading.</summary>
    public MqttSource(MqttSourceOptions options, SourceCounters counters, TimeProvider time, SlotLog slot)
    {
        _options = options;
        var latest = new LatestFrame(time, TimeSpan.FromSeconds(options.StallSeconds), counters);
        var gatherer = options.Lines is null ? null : new WindowGatherer(options.Readings, latest, counters);
        _reader = new LiveReader(latest, gatherer, video: null, options.Topic);
        _feed = new MqttFeed(options, new MqttIntake(options, latest, gatherer, counters), time, slot);
    }

    /// <inheritdoc/>
    public ValueTask<SourceOutcome> ReadAsync(InputSpec input, Sample into, CancellationToken cancel)
    {
        if (_reader.Misfit(input, _options.Readings) is { } misfit)
            return ValueTask.FromResult(misfit);

        _feed.EnsureStarted();
        return _reader.ReadAsync(into, cancel);
    }

    /// <inheritdoc/>
    public void Dispose() => _feed.Dispose();
}
