using System.Threading.Channels;
using EdgeFleet.Agent.Health;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models;
using Microsoft.Extensions.Logging;

namespace EdgeFleet.Agent.Updates;

/// <summary>The loop of one slot: perform the step that the state names, then let the ledger go on, save and report. Hears wishes in between, and within steps that may be dropped.</summary>
internal sealed partial class UpdateWorker(SlotLedger ledger, CandidateSteps candidate, ServingSteps serving, WorkerSurroundings around)
{
    private readonly Lock _gate = new();
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private CancellationTokenSource? _step;
    private Wish? _wish;
    private bool _isNews;
    private volatile bool _stands;

    /// <summary>The books.</summary>
    public SlotLedger Ledger => ledger;

    /// <summary>What reports of the slot are made of.</summary>
    public ReportedSlot Describe() => SlotReport.Of(ledger, around.Host.Active, around.Host.Counts);

    /// <summary>Takes a wish; the latest counts. Any thread.</summary>
    public void Offer(Wish wish)
    {
        lock (_gate)
        {
            (_wish, _isNews) = (wish, true);
            if (Judge() is not null)
                _step?.Cancel();
        }

        _wake.Writer.TryWrite(true);
    }

    /// <summary>Notes that samples were answered, so that earlier starts no longer speak against what serves. Any thread.</summary>
    public void Stand()
    {
        if (ledger.Record is { Starts: > 0, State.Phase: UpdatePhase.Resting })
        {
            _stands = true;
            _wake.Writer.TryWrite(true);
        }
    }

    /// <summary>True once the end of the process before is on the books.</summary>
    public bool IsCharged { get; private set; }

    /// <summary>Charges the end of the process before to the state, on disk, before any model is loaded.</summary>
    /// <exception cref="IOException">It could not be saved.</exception>
    public void Charge(LastEnd end)
    {
        var state = ledger.Record.State;
        // At rest power comes and goes as it likes; only deaths speak against what serves, and a stop in order lets it try again.
        if (end == LastEnd.Clean && state.Phase == UpdatePhase.Resting)
            ledger.ForgetStarts();
        else if (end == LastEnd.Crash || (end == LastEnd.PowerCut && state.Phase != UpdatePhase.Resting))
            ledger.CountStart();

        if (end == LastEnd.Crash && state is Activating or Probation)
            ledger.Apply(new Crashed());
        else if (ledger.Record.Starts > around.Options.StartsMax && state.Phase != UpdatePhase.Resting)
            ledger.Apply(new Looped(ledger.Record.Starts));
        IsCharged = true;
    }

    /// <summary>Loads what must serve, before anything else is done.</summary>
    public async Task RestoreAsync(CancellationToken stop)
    {
        var record = ledger.Record;
        if (record.Starts > around.Options.StartsMax)
        {
            around.Health.Raise("model-kills-agent", record.Slot, $"The agent died {record.Starts} times with the model of this slot, which is left unloaded.",
                "Wish another package for the slot, or restart the agent in order to try again.");
            return;
        }

        switch (record.State)
        {
            case RollingBack:
                return;
            case Probation p:
                if (await serving.RestoreAsync([p.Target.Package], stop) is { Why: { } why })
                    ledger.Apply(new StepFailed(why, FailureKind.Statistical));
                return;
            case Inconsistent s:
                await serving.RestoreAsync(LastResorts(record.Serving, s), stop);
                return;
            default:
                await RestoreCommittedAsync(record.Serving, stop);
                return;
        }
    }

    /// <summary>Works until it is stopped.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (true)
        {
            stop.ThrowIfCancellationRequested();
            try
            {
                await GoOnAsync(stop);
            }
            catch (IOException e)
            {
                // Nothing changed on disk, so the same step is done again.
                Log.StateNotSaved(around.Log, ledger.Record.Slot.Value, e);
                around.Health.Raise("update-state-not-saved", ledger.Record.Slot, e.Message, "Free space on the board's disk, or replace it; the update goes on by itself.");
                await Task.Delay(TimeSpan.FromSeconds(around.Options.BackoffSecondsFirst), around.Time, stop);
            }
        }
    }

    private async Task GoOnAsync(CancellationToken stop)
    {
        var state = ledger.Record.State;
        UpdateEvent? happened;
        CancellationTokenSource? step = null;
        Wish? judged;
        lock (_gate)
        {
            (happened, judged) = (Judge(), _wish);
            _isNews &= happened is not null;
            if (happened is null && state.Phase != UpdatePhase.Resting)
                _step = step = CancellationTokenSource.CreateLinkedTokenSource(stop);
        }

        if (happened is null && step is null)
        {
            if (_stands)
                ledger.ForgetStarts();
            _stands = false;
            await _wake.Reader.ReadAsync(stop);
            return;
        }

        happened ??= await PerformAsync(state, step!, stop);
        if (happened is not null)
            Apply(happened, judged);
        // After a start in RollingBack nothing has been loaded yet; a model that answers badly is better than none.
        if (ledger.Record is { State: Inconsistent s } record && around.Host.Active is null)
            await serving.RestoreAsync(LastResorts(record.Serving, s), stop);
    }

    private static IEnumerable<PackageRef> LastResorts(Serving known, Inconsistent state) => [.. KnownGood(known), state.Target.Package];

    private static IEnumerable<PackageRef> KnownGood(Serving known) => new[] { known.Active, known.Previous }.OfType<PackageRef>();

    // Null when a wish ended the step.
    private async Task<UpdateEvent?> PerformAsync(UpdateState state, CancellationTokenSource step, CancellationToken stop)
    {
        try
        {
            await HoldAsync(state, step.Token);
            return state.Phase == UpdatePhase.Early
                ? await candidate.PerformAsync(state, around.Host, new StepSigns(ledger.SetProgress, SetHeld), step.Token)
                : await serving.PerformAsync(state, ledger.Record, step.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The disk fails the step, not the books: it counts as a try, or a file that cannot be read would be tried for ever.
            return new StepFailed($"{state.Name} met a failing disk: {e.Message} Look after the board's disk.", FailureKind.Local);
        }
        finally
        {
            lock (_gate)
                _step = null;
            step.Dispose();
        }
    }

    // Waiting is no failure, and starts of a board that is held speak against no model.
    private async Task HoldAsync(UpdateState state, CancellationToken cancel)
    {
        if (!UpdateHold.Concerns(state, ledger.Record.Serving))
            return;

        try
        {
            while (around.Hold.Why is { } why)
            {
                SetHeld(why);
                await around.Hold.FreeAsync(cancel);
            }
        }
        finally
        {
            SetHeld(null);
        }
    }

    private void SetHeld(string? why)
    {
        try
        {
            if (why is not null)
                ledger.ForgetStarts();
        }
        catch (IOException)
        {
            // A disk that takes nothing costs a count, not the update that waits.
        }

        if (ledger.SetHeld(why) && why is not null)
            Log.UpdateHeld(around.Log, ledger.Record.Slot.Value, ledger.Record.State.Name, why);
    }

    private void Apply(UpdateEvent happened, Wish? judged)
    {
        var from = ledger.Record.State;
        var to = ledger.Apply(happened);
        // Only now: a wish whose effect could not be saved must be heard again.
        lock (_gate)
            _isNews &= _wish != judged;
        around.Health.Clear("update-state-not-saved", ledger.Record.Slot);
        if (from.Name != to.Name)
            Log.UpdateMoved(around.Log, ledger.Record.Slot.Value, from.Name, to.Name, (to as WishState)?.Target.Package.Label, SlotReport.Ending(to).Reason);
        if (to.Phase != UpdatePhase.Resting)
            return;

        serving.Settle();
        around.Sweep();
        if (to is Inconsistent s)
            around.Health.Raise("slot-inconsistent", ledger.Record.Slot, s.Reason, "Wish a package for the slot again, best one that it does not have; it is fetched anew.");
        else
            around.Health.Clear("slot-inconsistent", ledger.Record.Slot);
    }

    private async Task RestoreCommittedAsync(Serving known, CancellationToken stop)
    {
        var (serves, why) = await serving.RestoreAsync(KnownGood(known), stop);
        if (why is null)
            return;

        Log.ActiveLost(around.Log, ledger.Record.Slot.Value, known.Active?.Label, why);
        around.Health.Raise("model-not-loaded", ledger.Record.Slot, $"The committed model could not be loaded: {why}",
            "The board fetches it again by itself when it is still wished; look after the disk if this repeats.");
        ledger.Apply(new ActiveLost(HasPrevious: serves is not null && serves == known.Previous));
    }

    // Under the gate.
    private UpdateEvent? Judge()
    {
        var record = ledger.Record;
        if (_wish is not { } wish)
            return null;

        var onDisk = record.Serving.Previous?.Digest == wish.Package.Digest && around.IsWhole(wish.Package);
        var floor = record.Serving.Active is { } active && active.Digest != wish.Package.Digest ? around.FloorOf(active) : "";
        var happened = WishPolicy.Judge(record.State, record.Serving, onDisk, record.Quarantine, wish, floor);
        // The return is tried again for news only, or it would be tried for ever; another package, also one that was wished before the return failed, is followed.
        return happened is Retried && !_isNews ? null : happened;
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "UpdateMoved {Slot}: {From} -> {To} {Package} {Reason}")]
        public static partial void UpdateMoved(ILogger log, string slot, string from, string to, string? package, string? reason);

        [LoggerMessage(LogLevel.Information, "UpdateHeld {Slot} in {State}: {Why}")]
        public static partial void UpdateHeld(ILogger log, string slot, string state, string why);

        [LoggerMessage(LogLevel.Error, "ActiveLost {Slot}: {Package} could not be loaded: {Why}")]
        public static partial void ActiveLost(ILogger log, string slot, string? package, string why);

        [LoggerMessage(LogLevel.Error, "StateNotSaved {Slot}")]
        public static partial void StateNotSaved(ILogger log, string slot, Exception e);
    }
}
