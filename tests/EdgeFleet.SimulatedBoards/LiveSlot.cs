using EdgeFleet.Agent.Inference;
using EdgeFleet.Agent.Monitoring;
using EdgeFleet.Agent.Sources;
using EdgeFleet.Shared.Identity;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeFleet.SimulatedBoards;

/// <summary>A slot as the agent runs it, with a camera: queue, thread, model.</summary>
/// <param name="name">Name.</param>
/// <param name="everyMs">Milliseconds from one picture to the next.</param>
internal sealed class LiveSlot(SlotName name, int everyMs = 1) : IAsyncDisposable
{
    private readonly InferenceOptions _inference = new() { RunTimeoutSeconds = 2 };
    private SlotRunner? _runner;
    private SampleFeed? _feed;

    public SlotHost Host { get; } = new(new SlotOptions { Name = name, Source = new SourceOptions { Kind = SourceOptions.Images } });

    /// <summary>Starts thread and camera. Times of runs are the machine's, or a busy test machine would make models slow.</summary>
    public async Task StartAsync(ISampleObserver[] observers)
    {
        _runner = new SlotRunner(Host, observers, _inference, TimeProvider.System, NullLogger<SlotRunner>.Instance);
        await _runner.StartAsync(CancellationToken.None);
        _feed = new SampleFeed(Host, TimeProvider.System, TimeSpan.FromMilliseconds(everyMs));
    }

    /// <summary>Ends the camera, and waits until what it gave is answered.</summary>
    public async Task DrainAsync(CancellationToken cancel)
    {
        if (_feed is not null)
            await _feed.DisposeAsync();
        _feed = null;
        using var every = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        while (Host.Counts.Waiting > 0 && Host.Active is not null)
            await every.WaitForNextTickAsync(cancel);
    }

    public async ValueTask DisposeAsync()
    {
        if (_feed is not null)
            await _feed.DisposeAsync();
        if (_runner is not null)
            await _runner.StopAsync(CancellationToken.None);
    }
}
