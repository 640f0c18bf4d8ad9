using EdgeFleet.Agent.Enrolment;
using EdgeFleet.Agent.Health;
using EdgeFleet.Agent.Hosting;
using EdgeFleet.Agent.Inference;
using EdgeFleet.Agent.Monitoring;
using EdgeFleet.Agent.Updates;
using EdgeFleet.Agent.Updates.Evidence;
using EdgeFleet.Agent.Updates.Rehearsal;
using EdgeFleet.Agent.Updates.Trust;
using EdgeFleet.Shared.Files;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace EdgeFleet.SimulatedBoards;

/// <summary>What a process of the agent is made on.</summary>
internal sealed record BoardGround(string Folder, SimulatedDisk Disk, MemorySource Source, TimeProvider Time, UpdateOptions Options, AgentProgram Rehearsal, string BootId);

/// <summary>One process of the agent on a simulated board: two slots with cameras, their models, updates and minute rows, on the board's disk.</summary>
internal sealed class BoardLife : IAsyncDisposable
{
    // A dozen boards answer at once in a run of the matrix, and the answers of a whole probation are there in a tenth of a second.
    private const int PictureEveryMs = 4;

    private static readonly DeviceId Device = DeviceId.Parse("board-1");

    private readonly BoardGround _ground;
    private readonly ContentStore _packages;
    private readonly MonitoringWorker _monitoring;
    private readonly WindowTally _tally = new();
    private readonly MinuteFeeds _feeds;
    private readonly FaultTally _faults = new();
    private readonly Dictionary<SlotName, SlotLedger> _ledgers = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Makes the parts; nothing runs yet.</summary>
    /// <param name="ground">What it stands on.</param>
    /// <param name="begins">Told of it before it touches the disk.</param>
    public BoardLife(BoardGround ground, Action<BoardLife> begins)
    {
        _ground = ground;
        _feeds = new MinuteFeeds { Tally = _tally, AnonKb = MinuteFeeds.OwnAnonKb };
        begins(this);
        ground.Disk.Ended += () => { _ended.TrySetResult(); Change(); };
        Records.Added += Change;
        _packages = new ContentStore(Path.Combine(ground.Folder, "packages"), ground.Disk);
        Health = new HealthBoard(ground.Time);
        Health.Changed += Change;
        Store = new UpdateStore(ground.Folder, Health, ground.Time, ground.Disk);
        SlotHost[] hosts = [Leaf.Host, Pump.Host];
        _monitoring = new MonitoringWorker(hosts, Records, [_feeds], Options.Create(new MonitoringOptions { WindowSeconds = 1 }), ground.Time);
        var lane = new PackageLane(new PackageShelf(_packages));
        Supervisor = new UpdateSupervisor(
            hosts, host => WorkerOf(host, lane), Store, Health, new UpdateSupervisorContext(ground.Time, NullLogger<UpdateSupervisor>.Instance) { BootId = () => ground.BootId });
        Supervisor.Changed += Change;
    }

    public LiveSlot Leaf { get; } = new(Boards.Leaf, PictureEveryMs);

    public LiveSlot Pump { get; } = new(Boards.Pump, PictureEveryMs);

    public BoardRecords Records { get; } = new();

    public HealthBoard Health { get; }

    public UpdateStore Store { get; }

    public UpdateSupervisor Supervisor { get; }

    /// <summary>State of the slot under update.</summary>
    public UpdateState State => _ledgers[Boards.Leaf].Record.State;

    /// <summary>Its name; <c>Start</c> before it has been read.</summary>
    public string StateName => _ledgers.TryGetValue(Boards.Leaf, out var ledger) ? ledger.Record.State.Name : "Start";

    /// <summary>True once the process has ended at a call to the disk.</summary>
    public bool HasEnded => _ended.Task.IsCompleted;

    /// <summary>Completes with the next change of state, record or warning.</summary>
    public Task NextChange => Volatile.Read(ref _changed).Task;

    public SlotRecord RecordOf(SlotName slot) => _ledgers[slot].Record;

    public void Offer(Wish wish, long version) => Supervisor.Offer(new DesiredDocument
    {
        Device = Device, Version = version,
        Slots = [new DesiredSlot { Slot = Boards.Leaf, Package = wish.Package, Attempt = wish.Attempt, Rollout = wish.Rollout }],
    });

    public async Task StartAsync()
    {
        ISampleObserver[] observers = [_monitoring, _faults, _tally, Records];
        await Leaf.StartAsync(observers);
        await Pump.StartAsync(observers);
        await _monitoring.StartAsync(CancellationToken.None);
        await Supervisor.StartAsync(CancellationToken.None);
    }

    /// <summary>Lets samples of a model never come back, and the watch over slots see to it.</summary>
    public void HangIn(string model)
    {
        var released = new ManualResetEventSlim();
        _ground.Disk.Ended += released.Set;
        var watch = new HangWatch(
            [(Leaf.Host.Slot, Leaf.Host.Progress)], new HangPolicy(TimeSpan.FromMilliseconds(200), TimeSpan.FromMilliseconds(100)),
            new HangSurroundings(Store, Health, new SystemdWatchdog(_ground.Time, null, null), _ => _ground.Disk.End(), TimeProvider.System, NullLogger<HangWatch>.Instance));
        Records.Added += watch.Look;
        Records.Answering = (_, label) =>
        {
            if (label == model)
                released.Wait();
        };
    }

    /// <summary>Stops in order: updates first, then the last samples are answered and the open rows closed.</summary>
    public async Task StopAsync(CancellationToken cancel)
    {
        await Supervisor.StopAsync(cancel);
        await Leaf.DrainAsync(cancel);
        await Pump.DrainAsync(cancel);
        await _monitoring.StopAsync(cancel);
    }

    /// <summary>Ends at once: nothing reaches the disk or the outbox any more.</summary>
    public async Task KillAsync()
    {
        _ground.Disk.End();
        await Supervisor.StopAsync(CancellationToken.None);
        await DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _ground.Disk.End();
        await Leaf.DisposeAsync();
        await Pump.DisposeAsync();
        _monitoring.Dispose();
        Supervisor.Dispose();
    }

    private void Change() => Interlocked.Exchange(ref _changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    private UpdateWorker WorkerOf(IModelHost host, PackageLane lane)
    {
        var (time, board, options) = (_ground.Time, BoardFacts.Read(), _ground.Options);
        var shelf = new PackageShelf(_packages);
        var loader = new ModelLoader(_packages, board);
        var tools = new CandidateTools(
            lane, new PackageDownloader(shelf, _ground.Source, board, Options.Create(options), time), new PackageVerifier(shelf, board), new RehearsalChild(_ground.Rehearsal), shelf)
        {
            Shadow = new ShadowTools(loader, new ShadowRunner(new ShadowSurroundings(time))),
            Trust = new PackageTrust(_ground.Folder, _ground.Source, new TrustedTime(_ground.Folder, time)) { Disk = _ground.Disk },
        };
        var ledger = _ledgers[host.Slot] = new SlotLedger(host.Slot, new UpdateMachine(options.DownloadAttemptsMax, options.CrashesMax), Store, Records, time) { BaselineOf = _feeds.Of(host.Slot).BaselineOf };
        var models = new SlotModels(host, loader, TimeSpan.FromSeconds(options.SwapSeconds), time) { LoadMax = TimeSpan.FromSeconds(options.StepSeconds) };
        var feed = _feeds.Of(host.Slot);
        var worker = new UpdateWorker(
            ledger,
            new CandidateSteps(tools, board, options, time, new Random(1)),
            new ServingSteps(models, feed, _faults, options, time),
            new WorkerSurroundings(host, options, Health, time, NullLogger.Instance, shelf.IsWhole, lane.SweepIfFree, new UpdateHold()));
        lane.Join(ledger);
        feed.Answered += worker.Stand;
        return worker;
    }
}
