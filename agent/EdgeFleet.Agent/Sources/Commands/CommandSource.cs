using EdgeFleet.Agent.Hosting;
using EdgeFleet.Agent.Inference;
using EdgeFleet.Agent.Sources.Live;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.Agent.Sources.Commands;

/// <summary>Frames or windows from a program's standard output, the newest at each reading.</summary>
internal sealed class CommandSource : ISampleSource
{
    private readonly CommandOptions _options;
    private readonly CommandRunner _runner;
    private readonly LiveReader _reader;

    /// <summary>A source that starts its program at the first reading.</summary>
    public CommandSource(CommandOptions options, SourceCounters counters, AgentProgram agent, TimeProvider time, SlotLog slot)
    {
        _options = options;
        var latest = new LatestFrame(time, TimeSpan.FromSeconds(options.StallSeconds), counters);
        var gatherer = options.Lines is null ? null : new WindowGatherer(options.Readings, latest, counters);
        _reader = new LiveReader(latest, gatherer, options.Video, Path.GetFileName(options.Program));
        IStreamCutter cutter = (options.Lines, options.Video) switch
        {
            ({ } format, _) => new LineCutter(gatherer!, ReadingParser.For(format, gatherer!), options.BytesMax),
            (_, { } video) => new RawVideoCutter(latest, video.FrameBytes),
            _ => new MjpegCutter(latest, counters, options.BytesMax),
        };
        _runner = new CommandRunner(options, new CommandOutput(cutter, latest, counters), agent, time, slot);
    }

    /// <inheritdoc/>
    public ValueTask<SourceOutcome> ReadAsync(InputSpec input, Sample into, CancellationToken cancel)
    {
        if (_reader.Misfit(input, _options.Readings) is { } misfit)
            return ValueTask.FromResult(misfit);

        _runner.EnsureStarted();
        return _reader.ReadAsync(into, cancel);
    }

    /// <inheritdoc/>
    public void Dispose() => _runner.Dispose();
}
