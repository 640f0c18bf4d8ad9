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
        var timeout = TimeSpan.FromSeconds(options.RunTimeoutSeconds);
        using var processor = new SampleProcessor(host, observers, time, timeout);
        using var calls = new CallProcessor(time, timeout);
        while (host.Queue.Take() is var turn && turn != default)
        {
            if (host.Lease.Acquire() is not { } model)
            {
                GiveUp(turn);
                break;
            }

            if (turn.Call is { } call)
                Answer(call, calls, model);
            else
                Answer(turn.Sample!, processor, model);
        }

        _ended.SetResult();
    }

    private void Answer(Sample sample, SampleProcessor processor, LoadedModel model)
    {
        var ending = SampleEnding.Failed;
        try
        {
            ending = processor.Process(sample, model);
        }
        catch (Exception e)
        {
            // A bug in one part must not end the slot: the sample counts as failed, and the log has the trace.
            Log.SampleBroke(logger, e, host.Slot, sample.Origin);
        }
        finally
        {
            host.Lease.Release();
            if (ending == SampleEnding.Skipped)
                host.Queue.Skip(sample);
            else
                host.Queue.Finish(sample, failed: ending == SampleEnding.Failed);
        }
    }

    private void Answer(ModelCall call, CallProcessor processor, LoadedModel model)
    {
        CallAnswer answer = new CallAnswer.Failed("Answering broke; the agent's log has the cause.");
        try
        {
            answer = processor.Process(call, model);
        }
        catch (Exception e)
        {
            Log.CallBroke(logger, e, host.Slot);
        }
        finally
        {
            host.Lease.Release();
            host.Queue.Calls.Count(answer);
            call.End(answer);
        }
    }

    private void GiveUp(SlotTurn turn)
    {
        turn.Call?.End(new CallAnswer.Closed());
        if (turn.Sample is { } sample)
            host.Queue.GiveUp(sample);
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "Slot {Slot}: handling sample {Origin} broke; it counts as failed and the slot goes on")]
        public static partial void SampleBroke(ILogger logger, Exception e, SlotName slot, string origin);

        [LoggerMessage(LogLevel.Error, "Slot {Slot}: answering a call of another program broke; the slot goes on")]
        public static partial void CallBroke(ILogger logger, Exception e, SlotName slot);
    }
}
