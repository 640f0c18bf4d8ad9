using EdgeFleet.Agent.Commands;
using EdgeFleet.Agent.Connectivity;
using EdgeFleet.Agent.Enrolment;
using EdgeFleet.Agent.Health;
using EdgeFleet.Agent.Updates;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace EdgeFleet.Agent.Tests.Connectivity;

/// <summary>The connectivity of a board, whole, on a real folder. Started again on the same folder it is the board after a restart.</summary>
internal sealed class TestBoard : IAsyncDisposable
{
    public static readonly DeviceId Device = DeviceId.Parse("board-1");

    public static readonly ConnectivityOptions Quick = new() { BatchSeconds = 1, CommitMs = 5, ReconnectCapSeconds = 1, AckTimeoutSeconds = 1, KeepAliveSeconds = 5 };

    private readonly LinkWorker _worker;

    public TestBoard(string folder, ConnectivityOptions? options = null)
    {
        var set = options ?? Quick;
        Board = new HealthBoard(TimeProvider.System);
        Outbox = new OutboxStore(Path.Combine(folder, "outbox.db"), set, Board, TimeProvider.System, NullLogger<OutboxStore>.Instance);
        Writer = new OutboxWriter(Outbox, set, TimeProvider.System, NullLogger<OutboxWriter>.Instance);
        Desired = new DesiredConsumer(new DesiredStore(folder), Updates, NullLogger<DesiredConsumer>.Instance);
        Exit = new AgentExit(Life, new CommandStore(folder));
        Commands = new CommandConsumer(new CommandStore(folder), Exit, Desired, NullLogger<CommandConsumer>.Instance);
        Trusted = new TrustedTime(folder, TimeProvider.System);
        Identities = new IdentityStore(folder);
        var reports = new ReportBuilder(Updates, Board, Desired, Outbox, Options.Create(new AgentOptions { StateFolder = folder, Hardware = "test-board" }));
        var parts = new LinkParts(Outbox, Desired, reports, Options.Create(set), new LinkSetting(TimeProvider.System, NullLoggerFactory.Instance, new LinkStatus(TimeProvider.System), Commands, Trusted));
        _worker = new LinkWorker(Identities, parts, Board, TimeProvider.System, new TestLog<LinkWorker>());
    }

    public HealthBoard Board { get; }

    public IdentityStore Identities { get; }

    public TrustedTime Trusted { get; }

    public CommandConsumer Commands { get; }

    public AgentExit Exit { get; }

    public FakeLife Life { get; } = new();

    public OutboxStore Outbox { get; }

    public OutboxWriter Writer { get; }

    public DesiredConsumer Desired { get; }

    public FakeUpdates Updates { get; } = new();

    public static async Task<TestBoard> StartAsync(string folder, ConnectivityOptions? options = null)
    {
        var board = new TestBoard(folder, options);
        await board._worker.StartAsync(CancellationToken.None);
        return board;
    }

    public async ValueTask DisposeAsync()
    {
        await _worker.StopAsync(CancellationToken.None);
        _worker.Dispose();
        await Writer.DisposeAsync();
        Outbox.Dispose();
    }
}

/// <summary>A process that only notes that it is to stop.</summary>
internal sealed class FakeLife : Microsoft.Extensions.Hosting.IHostApplicationLifetime
{
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Stopped => _stopped.Task;

    public CancellationToken ApplicationStarted => CancellationToken.None;

    public CancellationToken ApplicationStopping => CancellationToken.None;

    public CancellationToken ApplicationStopped => CancellationToken.None;

    public void StopApplication() => _stopped.TrySetResult();
}

/// <summary>Writes to the test's output, so that a failing test shows what the link did.</summary>
internal sealed class TestLog<T> : ILogger<T>
{
    private readonly ITestOutputHelper? _output = TestContext.Current.TestOutputHelper;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _output?.WriteLine($"{TimeProvider.System.GetUtcNow():HH:mm:ss.fff} {logLevel}: {formatter(state, exception)} {exception}");
}

/// <summary>Updates that only note what they are offered.</summary>
internal sealed class FakeUpdates : ISlotUpdates
{
    private readonly List<DesiredDocument> _offered = [];

    public event Action? Changed;

    public long DesiredVersion { get; set; }

    public string State { get; private set; } = "Idle";

    public IReadOnlyList<DesiredDocument> Offered
    {
        get
        {
            lock (_offered)
                return [.. _offered];
        }
    }

    public void Offer(DesiredDocument document)
    {
        lock (_offered)
            _offered.Add(document);
    }

    public IReadOnlyList<ReportedSlot> Describe() => [new ReportedSlot { Slot = Some.Slot, State = State, Samples = new SampleCounts { Read = 7, Answered = 7 } }];

    public void Become(string state)
    {
        State = state;
        Changed?.Invoke();
    }
}

/// <summary>Records with little in them.</summary>
internal static class Some
{
    public static readonly SlotName Slot = SlotName.Parse("leaf");

    public static MinuteRow Row(long number) => new() { Slot = Slot, At = 1_790_000_000_000 + number * 60_000, Seconds = 60, Model = "coffee@1.0.0", Answered = number };

    public static DeviceEvent Event(long number) => new()
    {
        Type = EventType.Alert,
        At = 1_790_000_000_000 + number,
        Slot = Slot,
        Alert = new AlertChange { Rule = "rust", Label = "rust", Severity = "warning", Raised = true, Seen = (int)number, Of = 10, Model = "coffee@1.0.0" },
    };

    public static HourlyProfile Profile(long number) => new()
    {
        Slot = Slot,
        At = 1_790_000_000_000 + number * 3_600_000,
        Seconds = 3600,
        Model = "coffee@1.0.0",
        Variant = "cpu-int8",
        Answered = number,
        QueueUs = Sketch(),
        PrepareUs = Sketch(),
        InferUs = Sketch(),
        PostUs = Sketch(),
    };

    private static EdgeFleet.Shared.Statistics.DdSketch Sketch()
    {
        var builder = new EdgeFleet.Shared.Statistics.SketchBuilder();
        builder.Add(1234);
        return builder.Build();
    }
}
