using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Topics;
using EdgeFleet.Shared.Trust;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;
using MQTTnet.Server;

namespace EdgeFleet.Agent.Tests.Connectivity;

/// <summary>A real broker with TLS and client certificates, and behind it what a control plane does with records: insert once, acknowledge.</summary>
internal sealed class TestControlPlane(TestAuthority authority) : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly List<(TopicAddress Topic, byte[] Payload)> _messages = [];
    private readonly Dictionary<(string Epoch, string Stream, long Seq), string> _records = [];
    private readonly Dictionary<(string Epoch, string Stream), long> _through = [];
    private readonly HashSet<Sha256Digest> _blobs = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private MqttServer? _server;

    public int Port { get; } = FreePort();

    /// <summary>False to take records and say nothing.</summary>
    public bool Acknowledges { get; set; } = true;

    /// <summary>True to turn MQTT 5 down.</summary>
    public bool IsOldBroker { get; set; }

    /// <summary>Records that came a second time.</summary>
    public int Duplicates { get; private set; }

    public IReadOnlyList<MqttProtocolVersion> Protocols { get; private set; } = [];

    public IReadOnlyList<string> Clients { get; private set; } = [];

    public async Task StartAsync()
    {
        var options = new MqttServerOptionsBuilder()
            .WithoutDefaultEndpoint()
            .WithEncryptedEndpoint()
            .WithEncryptedEndpointBoundIPAddress(IPAddress.Loopback)
            .WithEncryptedEndpointBoundIPV6Address(IPAddress.None)
            .WithEncryptedEndpointPort(Port)
            .WithTlsEndpointReuseAddress()
            .WithEncryptionCertificate(authority.Server)
            .WithClientCertificate((_, certificate, _, _) => certificate is not null && PinnedCa.IsIssuedBy(authority.Ca, certificate, PinnedCa.ClientPurpose), false)
            .WithPersistentSessions()
            .Build();
        var log = new MQTTnet.Diagnostics.Logger.MqttNetEventLogger();
        var output = TestContext.Current.TestOutputHelper;
        log.LogMessagePublished += (_, e) =>
        {
            if (e.LogMessage.Level >= MQTTnet.Diagnostics.Logger.MqttNetLogLevel.Warning)
                output?.WriteLine($"broker: {e.LogMessage.Message} {e.LogMessage.Exception?.GetBaseException().Message}");
        };
        _server = new MqttServerFactory(log).CreateMqttServer(options);
        _server.ValidatingConnectionAsync += OnConnectAsync;
        _server.InterceptingPublishAsync += OnPublishAsync;
        await _server.StartAsync();
    }

    public async Task StopAsync()
    {
        if (_server is { } server)
        {
            await server.StopAsync();
            server.Dispose();
        }

        _server = null;
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    /// <summary>All messages of a kind, read.</summary>
    public IReadOnlyList<T> Messages<T>(TopicKind kind, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class
    {
        lock (_lock)
            return [.. _messages.Where(m => m.Topic.Kind == kind).Select(m => WireCodec.Decode(m.Payload, type, WireCodec.UpBytesMax))];
    }

    public IReadOnlyList<Hello> Hellos => Messages(TopicKind.Hello, WireJson.Default.Hello);

    public IReadOnlyList<ReportedState> Reports => Messages(TopicKind.Reported, WireJson.Default.ReportedState);

    public IReadOnlyList<TopicAddress> Order
    {
        get
        {
            lock (_lock)
                return [.. _messages.Select(m => m.Topic)];
        }
    }

    /// <summary>What is stored of a stream, by epoch and number.</summary>
    public IReadOnlyList<(string Epoch, long Seq, string Json)> Stored(string stream)
    {
        lock (_lock)
            return [.. _records.Where(r => r.Key.Stream == stream).Select(r => (r.Key.Epoch, r.Key.Seq, r.Value)).OrderBy(r => r.Seq)];
    }

    public IReadOnlySet<Sha256Digest> Blobs
    {
        get
        {
            lock (_lock)
                return _blobs.ToHashSet();
        }
    }

    /// <summary>Waits until something holds; it is looked at after each message.</summary>
    public async Task WaitAsync(Func<bool> holds, string what)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (true)
        {
            var changed = Volatile.Read(ref _changed).Task;
            if (holds())
                return;
            try
            {
                // Some conditions change without a message: they are looked at again now and then.
                await changed.WaitAsync(TimeSpan.FromMilliseconds(50), timeout.Token);
            }
            catch (TimeoutException)
            {
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"Not within 20 s: {what}. Messages: {string.Join(", ", Order.Select(o => $"{o.Kind}/{o.Detail}"))}");
            }
        }
    }

    public Task SendDesiredAsync(DeviceId device, DesiredDocument document, ECDsa? key = null) => SendAsync(device, TopicKind.Desired, WireCodec.Encode(
        Envelope.Sign(DesiredDocument.PayloadType, JsonSerializer.SerializeToUtf8Bytes(document, WireJson.Default.DesiredDocument), key ?? authority.SigningKey),
        WireJson.Default.Envelope));

    public Task SendAckAsync(DeviceId device, Ack ack) => SendAsync(device, TopicKind.Ack, WireCodec.Encode(ack, WireJson.Default.Ack));

    public async Task SendAsync(DeviceId device, TopicKind kind, byte[] payload)
    {
        var message = new MqttApplicationMessageBuilder().WithTopic(Topic.Format(new TopicAddress(device, kind))).WithPayload(payload)
            .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build();
        await _server!.InjectApplicationMessage(new InjectedMqttApplicationMessage(message));
    }

    public async Task<Presence?> RetainedPresenceAsync(DeviceId device)
    {
        var message = (await _server!.GetRetainedMessagesAsync()).FirstOrDefault(m => m.Topic == Topic.Format(new TopicAddress(device, TopicKind.Presence)));
        return message is null ? null : WireCodec.Decode(message.Payload.ToArray(), WireJson.Default.Presence, WireCodec.UpBytesMax);
    }

    /// <summary>Throws a device out, as a broken network does.</summary>
    public Task KickAsync(DeviceId device) => _server!.DisconnectClientAsync(device.Value, MqttDisconnectReasonCode.UnspecifiedError);

    private Task OnConnectAsync(ValidatingConnectionEventArgs e)
    {
        lock (_lock)
        {
            Protocols = [.. Protocols, e.ProtocolVersion];
            Clients = [.. Clients, $"{e.ClientId}/{e.UserName}/{e.ClientCertificate?.Subject}"];
        }

        if (IsOldBroker && e.ProtocolVersion == MqttProtocolVersion.V500)
            e.ReasonCode = MqttConnectReasonCode.UnsupportedProtocolVersion;
        return Task.CompletedTask;
    }

    private async Task OnPublishAsync(InterceptingPublishEventArgs e)
    {
        if (!Topic.TryParse(e.ApplicationMessage.Topic, out var topic) || !Topic.IsUp(topic.Kind))
            return;

        var payload = e.ApplicationMessage.Payload.ToArray();
        Assert.True(payload.Length <= WireCodec.UpBytesMax);
        Ack? ack;
        lock (_lock)
        {
            _messages.Add((topic, payload));
            ack = Store(topic, payload);
        }

        if (ack is not null && Acknowledges)
            await SendAckAsync(topic.Device, ack);
        Interlocked.Exchange(ref _changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
    }

    private Ack? Store(TopicAddress topic, byte[] payload)
    {
        switch (topic)
        {
            case { Kind: TopicKind.Hello }:
                var hello = WireCodec.Decode(payload, WireJson.Default.Hello, WireCodec.UpBytesMax);
                return new Ack { Epoch = hello.Epoch, Streams = _through.Where(t => t.Key.Epoch == hello.Epoch).ToDictionary(t => t.Key.Stream, t => t.Value) };
            case { Kind: TopicKind.Event }:
                var events = WireCodec.Decode(payload, WireJson.Default.EventBatch, WireCodec.UpBytesMax);
                Assert.All(events.Records, r => Assert.Equal(topic.Detail, r.Type));
                return Insert(events, RecordStream.Event, [.. events.Records.Select(r => JsonSerializer.Serialize(r, WireJson.Default.DeviceEvent))]);
            case { Kind: TopicKind.Telemetry, Detail: RecordStream.Minute }:
                var minutes = WireCodec.Decode(payload, WireJson.Default.MinuteBatch, WireCodec.UpBytesMax);
                return Insert(minutes, RecordStream.Minute, [.. minutes.Rows().Select(r => JsonSerializer.Serialize(r, WireJson.Default.MinuteRow))]);
            case { Kind: TopicKind.Telemetry, Detail: RecordStream.Profile }:
                var profiles = WireCodec.Decode(payload, WireJson.Default.ProfileBatch, WireCodec.UpBytesMax);
                return Insert(profiles, RecordStream.Profile, [.. profiles.Records.Select(r => JsonSerializer.Serialize(r, WireJson.Default.HourlyProfile))]);
            case { Kind: TopicKind.Blob }:
                var digest = Sha256Digest.Of(payload);
                Assert.Equal(topic.Detail, digest.Value);
                _blobs.Add(digest);
                return new Ack { Epoch = _records.Keys.Last().Epoch, Blobs = [digest] };
            default:
                return null;
        }
    }

    private Ack Insert(IRecordBatch batch, string stream, IReadOnlyList<string> records)
    {
        for (var i = 0; i < records.Count; i++)
        {
            if (!_records.TryAdd((batch.Epoch, stream, batch.First + i), records[i]))
                Duplicates++;
        }

        var through = Math.Max(_through.GetValueOrDefault((batch.Epoch, stream)), batch.Low - 1);
        while (_records.ContainsKey((batch.Epoch, stream, through + 1)))
            through++;
        _through[(batch.Epoch, stream)] = through;
        return new Ack { Epoch = batch.Epoch, Streams = { [stream] = through } };
    }

    internal static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
