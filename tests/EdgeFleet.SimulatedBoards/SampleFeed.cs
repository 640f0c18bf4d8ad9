using EdgeFleet.Agent.Inference;

namespace EdgeFleet.SimulatedBoards;

/// <summary>A camera of plain pictures that gives one after the other while fewer than a few wait, so that none is dropped for want of room.</summary>
internal sealed class SampleFeed : IAsyncDisposable
{
    private const int WaitingMax = 4;
    private const int Side = 8;

    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    public SampleFeed(SlotHost host, TimeProvider time, TimeSpan every) => _running = Task.Run(() => RunAsync(host, time, every));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    private async Task RunAsync(SlotHost host, TimeProvider time, TimeSpan between)
    {
        using var every = new PeriodicTimer(between);
        try
        {
            for (long number = 1; await every.WaitForNextTickAsync(_stop.Token);)
            {
                if (host.Active is not null && host.Counts.Waiting < WaitingMax)
                    Offer(host, time, number++);
            }
        }
        catch (OperationCanceledException)
        {
            // The life of the board ends.
        }
    }

    private static void Offer(SlotHost host, TimeProvider time, long number)
    {
        var sample = host.Samples.Rent();
        sample.Pixels.Resize(Side, Side);
        for (var i = 0; i < sample.Pixels.Rgbx.Length; i += 4)
            sample.Pixels.Rgbx[i] = 200;
        sample.GivePixels(SampleOrigin.Counted("camera", "frame", number));
        sample.Stamp(number, time.GetTimestamp());
        host.Queue.Offer(sample);
    }
}
