using EdgeFleet.Agent;
using EdgeFleet.Agent.Alerts;
using EdgeFleet.Agent.Health;
using EdgeFleet.Agent.Inference;
using EdgeFleet.Agent.Monitoring;
using EdgeFleet.Agent.Sources;
using EdgeFleet.Agent.Updates;
using EdgeFleet.Shared.Files;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Testing;
using EdgeFleet.Testing.Packages;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace EdgeFleet.Benchmarks.FramePath;

/// <summary>A slot with every part that looks at its results in the field, and the records of it going nowhere.</summary>
internal sealed class SlotUnderTest : IRecordSink, IAsyncDisposable
{
    private readonly TempFolder _folder;
    private readonly SlotRunner _runner;
    private readonly MonitoringWorker _monitoring;

    private SlotUnderTest(TempFolder folder, SlotHost host, LoadedModel model, int queueLength)
    {
        (_folder, Host, Model) = (folder, host, model);
        var health = new HealthBoard(TimeProvider.System);
        var store = new AlertStore(Options.Create(new AgentOptions { StateFolder = folder.Path }), NullLogger<AlertStore>.Instance);
        _monitoring = new MonitoringWorker([host], this, [], Options.Create(new MonitoringOptions()), TimeProvider.System);
        ISampleObserver[] observers =
        [
            new FailureRunObserver(health, [host], NullLogger<FailureRunObserver>.Instance),
            _monitoring,
            new AlertObserver([host], this, store, TimeProvider.System, NullLogger<AlertObserver>.Instance),
            new FaultTally(),
            Last,
        ];
        _runner = new SlotRunner(host, observers, new InferenceOptions(), TimeProvider.System, NullLogger<SlotRunner>.Instance);
        Camera = new PixelCamera(640, 480);
        Worker = new SourceWorker(host, Camera, health, TimeProvider.System, NullLogger<SourceWorker>.Instance);
        QueueLength = queueLength;
    }

    public SlotHost Host { get; }

    public LoadedModel Model { get; }

    public LastObserver Last { get; } = new();

    public PixelCamera Camera { get; }

    public SourceWorker Worker { get; }

    public int QueueLength { get; }

    public static async Task<SlotUnderTest> StartAsync(int queueLength, double samplesPerSecond, CancellationToken cancel)
    {
        var folder = new TempFolder();
        var store = new ContentStore(folder["packages"]);
        var package = TestPackage.Build(TestPackageSpec.Coffee("1.0.0", "int8_qdq"));
        package.AddTo(store);
        var host = new SlotHost(new SlotOptions
        {
            Name = SlotName.Parse("leaf"),
            Source = new SourceOptions { Kind = SourceOptions.Images, SamplesPerSecond = samplesPerSecond, SamplesPerSecondMax = 1000 },
            QueueLength = queueLength,
        });
        var model = await new ModelLoader(store, BoardFacts.Read()).LoadAsync(package.Ref, 1, cancel);
        var slot = new SlotUnderTest(folder, host, model, queueLength);
        await host.SwapAsync(model, cancel);
        await slot._runner.StartAsync(cancel);
        await slot._monitoring.StartAsync(cancel);
        return slot;
    }

    /// <summary>Minute rows that were closed.</summary>
    public int Rows { get; private set; }

    public void Add(MinuteRow row) => Rows++;

    public void Add(HourlyProfile profile)
    {
    }

    public void Add(DeviceEvent happened, ReadOnlyMemory<byte> photo)
    {
    }

    public async ValueTask DisposeAsync()
    {
        await Worker.StopAsync(CancellationToken.None);
        Worker.Dispose();
        await _runner.StopAsync(CancellationToken.None);
        await _monitoring.StopAsync(CancellationToken.None);
        _monitoring.Dispose();
        _folder.Dispose();
    }
}

/// <summary>Counts results after every other observer has seen them, and notes when, and what the slot's thread allocated since the one before.</summary>
internal sealed class LastObserver : ISampleObserver
{
    private readonly object _gate = new();
    private long _count;
    private long _at;
    private long _allocated;

    /// <summary>Results since which the slot's thread had allocated something.</summary>
    public long Allocating { get; private set; }

    public long Count
    {
        get
        {
            lock (_gate)
                return _count;
        }
    }

    public void Observe(in SampleResult result)
    {
        if (result.Error is not null)
            throw new InvalidOperationException(result.Error);

        var allocated = GC.GetAllocatedBytesForCurrentThread();
        lock (_gate)
        {
            if (allocated != _allocated)
                Allocating++;
            _allocated = allocated;
            _count++;
            _at = TimeProvider.System.GetTimestamp();
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Waits for a count of results; returns when the last of them was folded.</summary>
    public long WaitFor(long count)
    {
        lock (_gate)
        {
            while (_count < count)
                Monitor.Wait(_gate);
            return _at;
        }
    }
}
