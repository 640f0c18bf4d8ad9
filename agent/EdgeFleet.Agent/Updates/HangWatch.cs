using EdgeFleet.Agent.Health;
using EdgeFleet.Agent.Hosting;
using EdgeFleet.Agent.Inference;
using EdgeFleet.Shared.Identity;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeFleet.Agent.Updates;

/// <summary>
/// Looks whether every slot's thread comes back from native code. One that hangs although its run was told to end is reported; one that is lost is written to disk,
/// so that the next process charges its model, and the process ends to be started anew. Feeds systemd's watchdog while all is well.
/// </summary>
internal sealed partial class HangWatch(IReadOnlyList<(SlotName Slot, SlotProgress Progress)> slots, HangPolicy policy, HangSurroundings around) : BackgroundService
{
    /// <summary>Exit code of a process that gave itself up.</summary>
    public const int ExitCode = 70;

    /// <summary>Code of the warning about a slot that hangs, or hung in the process before.</summary>
    public const string Warning = "model-hangs";

    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    private readonly HashSet<SlotName> _warned = [];

    /// <summary>Looks once.</summary>
    public void Look()
    {
        var well = true;
        foreach (var (slot, progress) in slots)
            well &= LookAt(slot, progress);
        if (well)
            around.Watchdog.Feed();
    }

    /// <inheritdoc/>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        if (around.Store.LastHang() is { } before && _warned.Add(before.Slot))
        {
            around.Health.Raise(Warning, before.Slot, $"The agent ended itself and was started anew: {before.Model} did not come back from a sample in slot {before.Slot} for {before.Seconds} s.",
                "Put another package into the slot if this repeats; send the agent's log to the makers of the model.");
        }

        return base.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(LookEvery, around.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                Look();
        }
        catch (OperationCanceledException)
        {
            // The process ends in order.
        }
    }

    private bool LookAt(SlotName slot, SlotProgress progress)
    {
        if (progress.Inside is not { } inside)
        {
            Forget(slot, progress);
            return true;
        }

        var stay = around.Time.GetElapsedTime(inside.Begun);
        switch (policy.Judge(stay))
        {
            case HangVerdict.Fine:
                Forget(slot, progress);
                return true;
            case HangVerdict.Hangs:
                Warn(slot, inside.Model.Label, stay);
                return false;
            default:
                GiveUp(slot, inside.Model.Label, stay);
                return false;
        }
    }

    private void Warn(SlotName slot, string model, TimeSpan stay)
    {
        if (!_warned.Add(slot))
            return;

        Log.SlotHangs(around.Log, slot, model, (int)stay.TotalSeconds);
        around.Health.Raise(Warning, slot, $"{model} in slot {slot} has not come back from a sample for {(int)stay.TotalSeconds} s, though its run was told to end.",
            $"The agent ends and is started anew by systemd after {(int)(policy.RunTimeout + policy.Grace).TotalSeconds} s in all. Put another package into the slot if this repeats.");
    }

    private void Forget(SlotName slot, SlotProgress progress)
    {
        if (progress.Done > 0 && _warned.Remove(slot))
            around.Health.Clear(Warning, slot);
    }

    private void GiveUp(SlotName slot, string model, TimeSpan stay)
    {
        Log.SlotLost(around.Log, slot, model, (int)stay.TotalSeconds);
        try
        {
            around.Store.SaveHang(new HungRun { Slot = slot, Model = model, Seconds = (int)stay.TotalSeconds });
        }
        catch (IOException e)
        {
            // Without the note the death is charged to every slot, as any other.
            Log.HangNotSaved(around.Log, e);
        }

        around.Exit(ExitCode);
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "Slot {Slot}: {Model} has not come back for {Seconds} s, though its run was told to end")]
        public static partial void SlotHangs(ILogger log, SlotName slot, string model, int seconds);

        [LoggerMessage(LogLevel.Critical, "Slot {Slot}: {Model} has not come back for {Seconds} s; the agent ends so that systemd starts it anew, and the model is charged with it")]
        public static partial void SlotLost(ILogger log, SlotName slot, string model, int seconds);

        [LoggerMessage(LogLevel.Error, "The hang was not noted on disk")]
        public static partial void HangNotSaved(ILogger log, Exception e);
    }
}

/// <summary>What the watch touches.</summary>
/// <param name="Store">Where a hang is noted.</param>
/// <param name="Health">Where it says what is wrong.</param>
/// <param name="Watchdog">systemd's.</param>
/// <param name="Exit">Ends the process at once, whatever its threads do.</param>
/// <param name="Time">Clock.</param>
/// <param name="Log">Log.</param>
internal sealed record HangSurroundings(UpdateStore Store, HealthBoard Health, SystemdWatchdog Watchdog, Action<int> Exit, TimeProvider Time, ILogger<HangWatch> Log);
