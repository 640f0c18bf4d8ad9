using EdgeFleet.Shared.Identity;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeFleet.Agent.Inference;

/// <summary>
/// The loop of one slot, on a thread of its own so that a long native run holds up neither other slots nor the pool: take a sample, lease the model, answer.
/// </summary>
internal sealed partial class SlotRunner(SlotHost host, ISampleObserver[] observers, InferenceOptions options, TimeProvider time, ILogger<SlotRunner> logger)
    : IHostedService
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _started;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _started = true;
        new Thread(Loop) { IsBackground = true, Name = $"slot-{host.Slot}" }.Start();
        return Task.CompletedTask;
    }

    /// <summary>Lets the sample in flight finish, then frees the model.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        host.Queue.Close();
        var last = host.Lease.Close();
        if (_started)
            await _ended.Task.WaitAsync(cancellationToken);
        last?.Dispose();
    }

    private void Loop()
    {
        using var processor = new SampleProcessor(host.Slot, observers, time, TimeSpan.FromSeconds(options.RunTimeoutSeconds));
        while (host.Queue.Take() is { } sample)
        {
            if (host.Lease.Acquire() is not { } model)
            {
                host.Queue.GiveUp(sample);
                break;
            }

            var answered = false;
            try
            {
                answered = processor.Process(sample, model);
            }
            catch (Exception e)
            {
                // A bug in one part must not end the slot: the sample counts as failed, and the log has the trace.
                Log.SampleBroke(logger, e, host.Slot, sample.Origin);
            }
            finally
            {
                host.Lease.Release();
                host.Queue.Finish(sample, failed: !answered);
            }
        }

        _ended.SetResult();
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "Slot {Slot}: handling sample {Origin} broke; it counts as failed and the slot goes on")]
        public static partial void SampleBroke(ILogger logger, Exception e, SlotName slot, string origin);
    }
}
