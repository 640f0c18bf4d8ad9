using EdgeFleet.Shared.Identity;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeFleet.Agent.Inference;

/// <summary>
/// The loop of one slot, on a thread of its own so that a long native run holds up neither other slots nor the pool: take a sample or the few that a run may
/// take at once, lease the model, answer.
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
        var most = host.Options.Batch.Max;
        var lane = new Lane(processor, most > 1 ? new BatchProcessor(processor, time, most) : null, new Sample[most], new SampleEnding[most]);
        while (host.Queue.Take() is var turn && turn != default)
        {
            if (!(turn.Call is { } call ? Answer(call, calls) : Answer(turn.Sample!, lane)))
                break;
        }

        _ended.SetResult();
    }

    // False when the slot ends.
    private bool Answer(Sample first, Lane lane)
    {
        var (batch, taken, endings) = (host.Options.Batch, lane.Taken, lane.Endings);
        taken[0] = first;
        var count = lane.Several is null ? 1 : host.Queue.TakeMore(taken, Math.Min(batch.Max, host.Active?.Session.BatchMax ?? 1), batch.DelayMs);
        if (host.Lease.Acquire() is not { } model)
        {
            for (var i = 0; i < count; i++)
                host.Queue.GiveUp(taken[i]);
            return false;
        }

        endings[0] = SampleEnding.Failed;
        host.Progress.Begin(model.Package, time.GetTimestamp());
        try
        {
            if (count == 1)
                endings[0] = lane.One.Process(first, model);
            else
                lane.Several!.Process(taken, count, model, endings);
        }
        catch (Exception e)
        {
            // A bug in one part must not end the slot: what was not answered counts as failed, and the log has the trace.
            Log.SampleBroke(logger, e, host.Slot, first.Origin);
        }
        finally
        {
            host.Progress.End();
            host.Lease.Release();
            for (var i = 0; i < count; i++)
                End(taken[i], endings[i]);
        }

        return true;
    }

    private bool Answer(ModelCall call, CallProcessor processor)
    {
        if (host.Lease.Acquire() is not { } model)
        {
            call.End(new CallAnswer.Closed());
            return false;
        }

        CallAnswer answer = new CallAnswer.Failed("Answering broke; the agent's log has the cause.");
        host.Progress.Begin(model.Package, time.GetTimestamp());
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
            host.Progress.End();
            host.Lease.Release();
            host.Queue.Calls.Count(answer);
            call.End(answer);
        }

        return true;
    }

    private void End(Sample sample, SampleEnding ending)
    {
        if (ending == SampleEnding.Skipped)
            host.Queue.Skip(sample);
        else
            host.Queue.Finish(sample, failed: ending == SampleEnding.Failed);
    }

    private sealed record Lane(SampleProcessor One, BatchProcessor? Several, Sample[] Taken, SampleEnding[] Endings);

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "Slot {Slot}: handling sample {Origin} broke; it counts as failed and the slot goes on")]
        public static partial void SampleBroke(ILogger logger, Exception e, SlotName slot, string origin);

        [LoggerMessage(LogLevel.Error, "Slot {Slot}: answering a call of another program broke; the slot goes on")]
        public static partial void CallBroke(ILogger logger, Exception e, SlotName slot);
    }
}
