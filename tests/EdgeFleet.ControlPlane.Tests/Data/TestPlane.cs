using EdgeFleet.ControlPlane.Broker;
using EdgeFleet.ControlPlane.Data;
using EdgeFleet.ControlPlane.Devices;
using EdgeFleet.ControlPlane.Telemetry;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Topics;
using EdgeFleet.Shared.Trust;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace EdgeFleet.ControlPlane.Tests.Data;

/// <summary>Data, Telemetry and Devices over a real database and real files; the loops are turned by hand, so that tests say when what happens.</summary>
internal sealed class TestPlane : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    private TestPlane(ServiceProvider services, FakeTimeProvider time) => (_services, Time) = (services, time);

    public static readonly DateTimeOffset Start = new(2026, 11, 24, 10, 0, 0, TimeSpan.Zero);

    public FakeTimeProvider Time { get; }

    public RecordingDownlink Downlink => (RecordingDownlink)Get<IDownlink>();

    public ITelemetryStore Store => Get<ITelemetryStore>();

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    /// <summary>Opens a plane on a folder and, if given, a PostgreSQL database; both may have been used before.</summary>
    public static async Task<TestPlane> OpenAsync(string folder, string? postgres, Action<IServiceCollection>? configure = null, params (string, string)[] settings)
    {
        var time = new FakeTimeProvider(Start);
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(s => s.Item1, s => (string?)s.Item2)
            .Concat(new Dictionary<string, string?>
            {
                ["ControlPlane:DataFolder"] = folder,
                ["Database:Provider"] = postgres is null ? "sqlite" : "postgres",
                ["Database:Connection"] = postgres ?? "",
            })).Build();
        var services = new ServiceCollection().AddLogging().AddSingleton<IConfiguration>(configuration).AddSingleton<TimeProvider>(time).AddSingleton<IDownlink, RecordingDownlink>();
        services.AddData(configuration).AddTelemetry(configuration).AddDevices(configuration);
        configure?.Invoke(services);
        var plane = new TestPlane(services.BuildServiceProvider(), time);
        await plane.Create<DatabaseWorker>().StartAsync(CancellationToken.None);
        await plane.Store.PrepareAsync(CancellationToken.None);
        return plane;
    }

    public T Create<T>() => ActivatorUtilities.CreateInstance<T>(_services);

    public Task<FleetContext> DbAsync() => Get<IDbContextFactory<FleetContext>>().CreateDbContextAsync();

    public async Task<List<T>> RowsAsync<T>()
        where T : class
    {
        await using var db = await DbAsync();
        return await db.Set<T>().AsNoTracking().ToListAsync();
    }

    public async Task<DeviceId> EnrolAsync(string id, Action<Device>? change = null)
    {
        await using var db = await DbAsync();
        var device = new Device { Id = DeviceId.Parse(id), Enrolled = Start.ToUnixTimeMilliseconds() };
        change?.Invoke(device);
        db.Add(device);
        await db.SaveChangesAsync();
        return device.Id;
    }

    /// <summary>Publishes as the broker would, and turns the consumers.</summary>
    public async Task PublishAsync(DeviceId device, TopicKind kind, string? detail, byte[] payload)
    {
        await Get<IUplink>().ReceiveAsync(device, new TopicAddress(device, kind, detail), payload, CancellationToken.None);
        await PumpAsync();
    }

    public Task HelloAsync(DeviceId device, string epoch = "epoch-1", long session = 1, long desired = 0) =>
        PublishAsync(device, TopicKind.Hello, null, Some.Hello(epoch, session, desired));

    public Task MinutesAsync(DeviceId device, long first, int count, long low = 1, string epoch = "epoch-1", DateTimeOffset? at = null) =>
        PublishAsync(device, TopicKind.Telemetry, RecordStream.Minute, WireCodec.Encode(Some.Minutes(first, count, low, epoch, at), WireJson.Default.MinuteBatch));

    public Task EventsAsync(DeviceId device, long first, int count, long low = 1, string epoch = "epoch-1") =>
        PublishAsync(device, TopicKind.Event, EventType.Gap, WireCodec.Encode(Some.Events(first, count, low, epoch), WireJson.Default.EventBatch));

    /// <summary>Turns the consumers until nothing waits.</summary>
    public async Task PumpAsync()
    {
        var lanes = Get<UplinkLanes>();
        while (lanes.Devices.Reader.TryRead(out var message))
            await Get<DeviceIntake>().TakeAsync(message, CancellationToken.None);
        while (lanes.Blobs.Reader.TryRead(out var blob))
            await Create<BlobConsumer>().TakeAsync(blob, CancellationToken.None);

        var group = new List<RecordBatch>();
        while (lanes.Records.Reader.TryRead(out var batch))
            group.Add(batch);
        await Create<RecordConsumer>().TakeAsync(group, CancellationToken.None);
    }

    /// <summary>Lets a second pass and sends what is due.</summary>
    public async Task SendAcksAsync()
    {
        Time.Advance(TimeSpan.FromSeconds(1));
        await Create<AckWorker>().SendDueAsync(CancellationToken.None);
    }

    public async Task<StreamCursor?> CursorAsync(DeviceId device, string stream = RecordStream.Minute, string epoch = "epoch-1") =>
        (await RowsAsync<StreamCursor>()).SingleOrDefault(c => c.Device == device && c.Stream == stream && c.Epoch == epoch);

    public Task<long> CountAsync(DeviceId device, long upTo = long.MaxValue, string epoch = "epoch-1") =>
        Store.CountAsync(new StreamKey(device, epoch, RecordStream.Minute), upTo, CancellationToken.None);

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}

/// <summary>Remembers what was sent to devices.</summary>
internal sealed class RecordingDownlink : IDownlink
{
    public List<(DeviceId Device, Ack Ack)> Acks { get; } = [];

    public List<(DeviceId Device, Envelope Document)> Desired { get; } = [];

    public bool HasAcknowledged(string stream, long seq)
    {
        lock (Acks)
            return Acks.Exists(a => a.Ack.Streams.GetValueOrDefault(stream) >= seq);
    }

    public Task<bool> SendDesiredAsync(DeviceId device, Envelope document, CancellationToken cancel)
    {
        lock (Desired)
            Desired.Add((device, document));
        return Task.FromResult(true);
    }

    public List<(DeviceId Device, string Id, Envelope Command)> Commands { get; } = [];

    public Task<bool> SendCommandAsync(DeviceId device, string id, Envelope command, CancellationToken cancel)
    {
        lock (Commands)
            Commands.Add((device, id, command));
        return Task.FromResult(true);
    }

    public Task<bool> SendAckAsync(DeviceId device, Ack ack, CancellationToken cancel)
    {
        lock (Acks)
            Acks.Add((device, ack));
        return Task.FromResult(true);
    }
}
