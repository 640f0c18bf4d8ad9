using EdgeFleet.Agent.Health;
using EdgeFleet.Agent.Hosting;
using EdgeFleet.Agent.Inference;
using EdgeFleet.Agent.Inference.Runtime;
using EdgeFleet.Agent.Monitoring;
using EdgeFleet.Agent.Updates;
using EdgeFleet.Agent.Updates.Budget;
using EdgeFleet.Agent.Updates.Evidence;
using EdgeFleet.Agent.Updates.Rehearsal;
using EdgeFleet.Shared.Files;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models;
using EdgeFleet.Testing;
using EdgeFleet.Testing.Packages;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace EdgeFleet.Agent.Tests.Updates;

/// <summary>
/// One slot of a board with real files, real models and a real server. Its process can end at any time and be started again from the disk. Only the camera is
/// simulated: minute rows come as fast as they are taken, with the latency that the test gives the model.
/// </summary>
internal sealed class SimulatedBoard : IAsyncDisposable
{
    private const string Verdict = """{"passed":true,"summary":"It agrees."}""";

    private readonly TempFolder _folder = new();
    private readonly HttpSource _source;
    private readonly List<CancellationTokenSource> _stops = [];
    private CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;
    private Task _rows = Task.CompletedTask;
    private readonly object _rowGate = new();
    private TaskCompletionSource _rowFed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public SimulatedBoard()
    {
        _source = new HttpSource(Server.Address);
        Store = new ContentStore(_folder["packages"]);
    }

    public RangeServer Server { get; } = new();

    public ContentStore Store { get; }

    public HealthBoard Health { get; } = new(TimeProvider.System);

    public CollectedRecords Records { get; } = new();

    public UpdateOptions Options { get; set; } = new()
    {
        EvidenceSeconds = 0, // A second process in every update would double the time of hundreds of generated cases.
        ProbationSeconds = 180, ProbationSamplesMin = 100, BackoffSecondsFirst = 0.01, BackoffSecondsMax = 0.01, StallSeconds = 5, SwapSeconds = 5, SpaceReserveMb = 0,
    };

    /// <summary>What stands in for the rehearsing process; it passes everything unless a test says otherwise.</summary>
    public AgentProgram Rehearsal { get; set; } = Prints(Verdict, 0);

    /// <summary>95th percentile of a model's runs by its label; 10 ms where nothing is said.</summary>
    public Dictionary<string, long> P95Us { get; } = [];

    /// <summary>Execution providers that the board was found to have.</summary>
    public IReadOnlyList<string> Providers { get; init; } = ["cpu"];

    /// <summary>Its TensorRT engines.</summary>
    public EngineCache? Engines { get; set; }

    /// <summary>What a minute is made of beside the row.</summary>
    public Func<SlotMinute, SlotMinute> Minute { get; set; } = minute => minute with { Row = minute.Row with { EnergyNetUj = 100_000 } };

    /// <summary>False while the camera is dark.</summary>
    public bool SamplesCome { get; set; } = true;

    /// <summary>What heat or a low battery lets wait.</summary>
    public UpdateHold Hold { get; } = new();

    /// <summary>What it may fetch on a day; without bound unless a test says otherwise.</summary>
    public DataBudget Budget { get; set; } = DataBudget.Unbounded;

    /// <summary>Writes that still fail as on a full disk.</summary>
    public int WritesThatFail { get; set; }

    public FakeHost Host { get; private set; } = new();

    public UpdateWorker Worker { get; private set; } = null!;

    public UpdateState State => Worker.Ledger.Record.State;

    public static AgentProgram Prints(string line, int exitCode) => new("/bin/sh", ["-c", $"echo '{line}'; exit {exitCode}"]);

    /// <summary>Lets the board run this package as its committed model.</summary>
    public void Install(TestPackage package, TestPackage? previous = null)
    {
        package.AddTo(Store);
        previous?.AddTo(Store);
        OpenStore(hooked: false).Save(new SlotRecord
        {
            Slot = Some.Slot,
            State = new Committed(new Wish(package.Ref, 1, 1), null),
            Serving = new Serving(package.Ref, previous?.Ref),
        });
    }

    /// <summary>Starts the agent: charges the end of the one before, loads, works.</summary>
    public async Task StartAsync(LastEnd end = LastEnd.Clean, Wish? wish = null)
    {
        _stops.Add(_stop = new CancellationTokenSource());
        Host = new FakeHost();
        var feed = new MinuteFeed();
        Worker = Build(feed);
        if (wish is not null)
            Worker.Offer(wish);
        Worker.Charge(end);
        await Worker.RestoreAsync(_stop.Token);
        _running = Task.Run(() => Worker.RunAsync(_stop.Token));
        _rows = Task.Run(() => FeedAsync(feed, Host, _stop.Token));
    }

    /// <summary>Looks after each minute of the camera whether the slot is as asked.</summary>
    public async Task UntilAsync(Func<UpdateState, bool> reached)
    {
        var limit = TimeProvider.System.GetTimestamp();
        while (!_running.IsCompleted && !reached(State))
        {
            Assert.True(TimeProvider.System.GetElapsedTime(limit) < TimeSpan.FromSeconds(60), $"The slot is still in {State} after a minute.");
            await MinutesAsync(1);
        }

        if (_running.IsCompleted)
            throw _running.Exception ?? (Exception)new InvalidOperationException("The worker ended.");
    }

    public async Task<T> UntilAsync<T>()
        where T : UpdateState
    {
        await UntilAsync(s => s is T);
        return Assert.IsType<T>(State);
    }

    /// <summary>Lets so many minutes of the camera pass.</summary>
    public async Task MinutesAsync(int count)
    {
        for (var i = 0; i < count && !_running.IsCompleted; i++)
        {
            Task next;
            lock (_rowGate)
                next = _rowFed.Task;
            await Task.WhenAny(next, _running).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Ends the process at once; nothing is written any more.</summary>
    public async Task KillAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_running, _rows).ContinueWith(_ => { }, TaskScheduler.Default);
        Host.Active?.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _source.Dispose();
        await Server.DisposeAsync();
        _stops.ForEach(s => s.Dispose());
        _folder.Dispose();
    }

    private UpdateWorker Build(MinuteFeed feed)
    {
        var (time, board) = (TimeProvider.System, BoardFacts.Read() with { Providers = Providers });
        var shelf = new PackageShelf(Store);
        var lane = new PackageLane(shelf);
        var tools = new CandidateTools(
            lane, new PackageDownloader(shelf, _source, board, Microsoft.Extensions.Options.Options.Create(Options), time) { Budget = Budget }, new PackageVerifier(shelf, board), new RehearsalChild(Rehearsal), shelf)
        {
            Engines = Engines,
            Shadow = new ShadowTools(new ModelLoader(Store, board), new ShadowRunner(new ShadowSurroundings(time))),
        };
        var ledger = new SlotLedger(Some.Slot, new UpdateMachine(Options.DownloadAttemptsMax, Options.CrashesMax), OpenStore(hooked: true), Records, time) { BaselineOf = feed.BaselineOf };
        var models = new SlotModels(Host, new ModelLoader(Store, board), TimeSpan.FromSeconds(Options.SwapSeconds), time);
        var worker = new UpdateWorker(
            ledger,
            new CandidateSteps(tools, board, Options, time, new Random(1)),
            new ServingSteps(models, feed, new FaultTally(), Options, time),
            new WorkerSurroundings(Host, Options, Health, time, NullLogger.Instance, shelf.IsWhole, lane.SweepIfFree, Hold));
        lane.Join(ledger);
        feed.Answered += worker.Stand;
        return worker;
    }

    private UpdateStore OpenStore(bool hooked) => new(_folder.Path, Health, TimeProvider.System, hooked ? new FullDisk(this) : null);

    private async Task FeedAsync(MinuteFeed feed, FakeHost host, CancellationToken stop)
    {
        using var minute = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        while (await minute.WaitForNextTickAsync(stop))
        {
            if (host.Active is { } model)
                feed.Add(SamplesCome ? Minute(new SlotMinute(Some.Row(model.Package.Label, p95Us: P95Us.GetValueOrDefault(model.Package.Label, 10_000)))) : new SlotMinute(Some.Row("", answered: 0, p95Us: 0)));
            MinuteOver();
        }
    }

    private void MinuteOver()
    {
        lock (_rowGate)
        {
            _rowFed.SetResult();
            _rowFed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }
}

/// <summary>Has no room for as many files as the board says.</summary>
internal sealed class FullDisk(SimulatedBoard board) : FileCalls
{
    public override FileStream Open(string path, FileMode mode, UnixFileMode? rights = null)
    {
        if (board.WritesThatFail == 0)
            return base.Open(path, mode, rights);

        board.WritesThatFail--;
        throw new IOException($"No space left on device : '{path}'");
    }
}

/// <summary>A slot that answers nothing by itself: it only holds the model, as the running slot does.</summary>
internal sealed class FakeHost : IModelHost
{
    public SlotName Slot => Some.Slot;

    public string InputKind => "image";

    public int Threads => 1;

    public LoadedModel? Active { get; private set; }

    public SampleCounts Counts { get; } = new();

    /// <summary>Models in the order in which they served.</summary>
    public List<string> Served { get; } = [];

    public Task<LoadedModel?> SwapAsync(LoadedModel? next, CancellationToken cancel)
    {
        (var old, Active) = (Active, next);
        Served.Add(next?.Package.Label ?? "none");
        return Task.FromResult(old);
    }

    public SlotSettings? Settings { get; private set; }

    public void Tune(SlotSettings? settings) => Settings = settings;
}

/// <summary>Keeps the events of updates.</summary>
internal sealed class CollectedRecords : IRecordSink
{
    private readonly List<UpdateChange> _changes = [];

    public IReadOnlyList<UpdateChange> Changes
    {
        get
        {
            lock (_changes)
                return [.. _changes];
        }
    }

    public void Add(MinuteRow row)
    {
    }

    public void Add(HourlyProfile profile)
    {
    }

    public void Add(DeviceEvent happened, ReadOnlyMemory<byte> photo = default)
    {
        if (happened.Update is not { } change)
            return;

        lock (_changes)
            _changes.Add(change);
    }
}
