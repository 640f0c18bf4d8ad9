using EdgeFleet.Agent.Health;
using EdgeFleet.Agent.Inference;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeFleet.Agent.Updates;

/// <summary>Runs a worker a slot, gives them the wishes of the desired document, and says how they stand. A fault in one slot stops no other.</summary>
internal sealed partial class UpdateSupervisor : BackgroundService, ISlotUpdates
{
    private static readonly TimeSpan FaultWait = TimeSpan.FromSeconds(30);

    private readonly UpdateStore _store;
    private readonly HealthBoard _health;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Func<string> _bootId;
    private readonly IReadOnlyDictionary<SlotName, IModelHost> _hosts;
    private readonly IReadOnlyDictionary<SlotName, UpdateWorker> _workers;
    private readonly Lock _gate = new();
    private DesiredDocument? _desired;

    public UpdateSupervisor(IEnumerable<IModelHost> hosts, Func<IModelHost, UpdateWorker> workerOf, UpdateStore store, HealthBoard health, UpdateSupervisorContext context)
    {
        (_store, _health, _time, _log, _bootId) = (store, health, context.Time, context.Log, context.BootId);
        _hosts = hosts.ToDictionary(h => h.Slot);
        _workers = _hosts.ToDictionary(h => h.Key, h => workerOf(h.Value));
        foreach (var worker in _workers.Values)
            worker.Ledger.Changed += () => Changed?.Invoke();
    }

    /// <inheritdoc/>
    public event Action? Changed;

    /// <inheritdoc/>
    public long DesiredVersion => Volatile.Read(ref _desired)?.Version ?? 0;

    /// <inheritdoc/>
    public void Offer(DesiredDocument document)
    {
        lock (_gate)
        {
            if (document.Version <= DesiredVersion)
                return;

            Volatile.Write(ref _desired, document);
            Distribute(document);
        }

        Changed?.Invoke();
    }

    /// <inheritdoc/>
    public IReadOnlyList<ReportedSlot> Describe() => [.. _workers.Values.Select(w => w.Describe())];

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        var boot = _bootId();
        var end = _store.LastEndOf(boot);
        var hung = end == LastEnd.Crash ? _store.LastHang() : null;
        Log.AgentBegan(_log, end);
        // All are charged before any model is touched, and before the note of the earlier process is replaced.
        await SavedAsync(() => Charge(end, hung), stoppingToken);
        await SavedAsync(() => _store.SaveProcess(boot, stopped: false), stoppingToken);
        try
        {
            await Task.WhenAll(_workers.Values.Select(w => LiveAsync(w, stoppingToken)));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            NoteStop(boot);
        }
    }

    // A stop that is not noted is taken for a crash at the next start, of which a model has several to spare.
    private void NoteStop(string boot)
    {
        try
        {
            _store.SaveProcess(boot, stopped: true);
        }
        catch (IOException e)
        {
            Log.StopNotNoted(_log, e.Message);
        }
    }

    // A process that gave itself up names the slot whose model hung; to the others it is as a power cut.
    private void Charge(LastEnd end, HungRun? hung)
    {
        foreach (var (slot, worker) in _workers.Where(w => !w.Value.IsCharged))
            worker.Charge(hung is null || hung.Slot == slot ? end : LastEnd.PowerCut);
    }

    private async Task SavedAsync(Action save, CancellationToken stop)
    {
        for (var tries = 0; tries < 3; tries++)
        {
            try
            {
                save();
                return;
            }
            catch (IOException e)
            {
                // A board with a full disk must still serve; what is lost is one count.
                Log.StartNotCounted(_log, e.Message);
                _health.Raise("update-state-not-saved", null, e.Message, "Free space on the board's disk, or replace it.");
                await Task.Delay(TimeSpan.FromSeconds(1), _time, stop);
            }
        }
    }

    private async Task LiveAsync(UpdateWorker worker, CancellationToken stop)
    {
        var restored = false;
        while (true)
        {
            try
            {
                if (!restored)
                    await worker.RestoreAsync(stop);
                restored = true;
                await worker.RunAsync(stop);
            }
            catch (Exception e) when (!stop.IsCancellationRequested)
            {
                Log.WorkerFaulted(_log, worker.Ledger.Record.Slot.Value, e);
                _health.Raise("update-fault", worker.Ledger.Record.Slot, $"Updates of this slot met an error: {e.Message}", "The slot serves on and tries again by itself; send the agent's log to support.");
                await Task.Delay(FaultWait, _time, stop);
            }
        }
    }

    private void Distribute(DesiredDocument document)
    {
        foreach (var desired in document.Slots)
        {
            if (_workers.TryGetValue(desired.Slot, out var worker))
            {
                _hosts[desired.Slot].Tune(desired.Settings);
                worker.Offer(Wish.Of(desired));
                continue;
            }

            _health.Raise("slot-unknown", desired.Slot, $"The desired document names slot {desired.Slot}, which this board does not have.",
                "Add the slot to the agent's configuration, or take it out of the rollout.");
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "AgentBegan after {End} of the process before")]
        public static partial void AgentBegan(ILogger log, LastEnd end);

        [LoggerMessage(LogLevel.Error, "StartNotCounted: {Reason}")]
        public static partial void StartNotCounted(ILogger log, string reason);

        [LoggerMessage(LogLevel.Error, "StopNotNoted: {Reason}")]
        public static partial void StopNotNoted(ILogger log, string reason);

        [LoggerMessage(LogLevel.Critical, "WorkerFaulted {Slot}")]
        public static partial void WorkerFaulted(ILogger log, string slot, Exception e);
    }
}

/// <summary>Clock and log of the supervisor.</summary>
internal sealed record UpdateSupervisorContext(TimeProvider Time, ILogger<UpdateSupervisor> Log)
{
    /// <summary>What the kernel calls this run of the board; a simulated board has runs of its own.</summary>
    public Func<string> BootId { get; init; } = () => File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
}
