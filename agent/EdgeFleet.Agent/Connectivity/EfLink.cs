using System.Buffers;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text.Json.Serialization.Metadata;
using EdgeFleet.Agent.Enrolment;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Topics;
using EdgeFleet.Shared.Trust;
using MQTTnet;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Protocol;

namespace EdgeFleet.Agent.Connectivity;

/// <summary>Dialect <c>ef/1</c>: MQTT 5, and 3.1.1 where the broker has no more, over TLS with the device's certificate and the pinned CA.</summary>
internal sealed class EfLink(DeviceIdentity identity, TimeSpan keepAlive, TrustedTime time) : IDeviceLink
{
    private const uint SessionExpirySeconds = 24 * 3600;
    private const long UnixMsMax = 253_402_300_799_999;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan SendTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(2);

    private readonly DeviceId _device = identity.Assigned.Device;
    private readonly PeerCheck _peer = new(identity, time);
    private IMqttClient? _client;
    private Func<LinkInput, ValueTask> _receive = _ => ValueTask.CompletedTask;
    private long _session;

    private string Broker => $"{identity.Assigned.MqttHost}:{identity.Assigned.MqttPort}";

    /// <summary>Protocol that the broker took.</summary>
    public MqttProtocolVersion Protocol { get; private set; } = MqttProtocolVersion.Unknown;

    /// <inheritdoc/>
    public async Task OpenAsync(long session, Func<LinkInput, ValueTask> receive, CancellationToken cancel)
    {
        (_session, _receive) = (session, receive);
        if (!await TryConnectAsync(MqttProtocolVersion.V500, cancel) && !await TryConnectAsync(MqttProtocolVersion.V311, cancel))
            throw new LinkException(LinkFault.Refused, $"The broker {Broker} speaks neither MQTT 5 nor 3.1.1 with this device.");

        await GuardAsync(async timeout =>
        {
            var topic = Topic.AllDown(_device);
            var options = new MqttClientSubscribeOptionsBuilder().WithTopicFilter(topic, MqttQualityOfServiceLevel.AtLeastOnce).Build();
            var answer = await _client!.SubscribeAsync(options, timeout);
            if (answer.Items.Any(i => i.ResultCode > MqttClientSubscribeResultCode.GrantedQoS2))
                throw new LinkException(LinkFault.Refused, $"The broker {Broker} refused the subscription to {topic}: {answer.Items.First().ResultCode}.");
        }, cancel);
        await PublishAsync(new TopicAddress(_device, TopicKind.Presence), PresenceBytes("ready"), isRetained: true, cancel);
    }

    /// <inheritdoc/>
    public Task HelloAsync(Hello hello, CancellationToken cancel) => SendAsync(TopicKind.Hello, hello, WireJson.Default.Hello, cancel);

    /// <inheritdoc/>
    public Task ReportAsync(ReportedState state, CancellationToken cancel) => SendAsync(TopicKind.Reported, state, WireJson.Default.ReportedState, cancel);

    /// <inheritdoc/>
    public Task SendAsync(OutgoingBatch batch, CancellationToken cancel) =>
        PublishAsync(new TopicAddress(_device, batch.Kind, batch.Detail), batch.Bytes, isRetained: false, cancel);

    /// <inheritdoc/>
    public Task SendPhotoAsync(Sha256Digest digest, byte[] content, CancellationToken cancel) =>
        PublishAsync(new TopicAddress(_device, TopicKind.Blob, digest.Value), content, isRetained: false, cancel);

    /// <inheritdoc/>
    public Task AnswerAsync(string command, CommandResult result, CancellationToken cancel) =>
        PublishAsync(new TopicAddress(_device, TopicKind.CommandResult, command), WireCodec.Encode(result, WireJson.Default.CommandResult), isRetained: false, cancel);

    /// <inheritdoc/>
    public async Task CloseAsync()
    {
        if (_client is not { IsConnected: true } client)
            return;

        using var timeout = new CancellationTokenSource(CloseTimeout);
        try
        {
            await PublishAsync(new TopicAddress(_device, TopicKind.Presence), PresenceBytes("off"), isRetained: true, timeout.Token);
            await client.DisconnectAsync(new MqttClientDisconnectOptions(), timeout.Token);
        }
        catch (Exception e) when (e is LinkException or OperationCanceledException or MqttCommunicationException or InvalidOperationException)
        {
            // The last will says that the device is lost.
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _receive = _ => ValueTask.CompletedTask;
        _client?.Dispose();
        _client = null;
        return ValueTask.CompletedTask;
    }

    // False when the broker turned the protocol version down, by its code or by closing without an answer.
    private async Task<bool> TryConnectAsync(MqttProtocolVersion version, CancellationToken cancel)
    {
        _client?.Dispose();
        var client = new MqttClientFactory().CreateMqttClient();
        _client = client;
        client.ApplicationMessageReceivedAsync += OnMessageAsync;
        try
        {
            var answer = await client.ConnectAsync(OptionsFor(version), cancel);
            if (answer.ResultCode == MqttClientConnectResultCode.UnsupportedProtocolVersion)
                return false;
            if (answer.ResultCode is MqttClientConnectResultCode.QuotaExceeded or MqttClientConnectResultCode.ServerBusy or MqttClientConnectResultCode.ServerUnavailable)
                throw new LinkException(LinkFault.Unreachable, $"The broker {Broker} has no room for device {_device} now: {answer.ResultCode}{Said(answer.ReasonString)}.");
            if (answer.ResultCode != MqttClientConnectResultCode.Success)
                throw new LinkException(LinkFault.Refused, $"The broker {Broker} refused device {_device}: {answer.ResultCode}{Said(answer.ReasonString)}.");

            client.DisconnectedAsync += OnDisconnectedAsync;
            Protocol = version;
            return true;
        }
        catch (Exception e) when (e is MqttCommunicationException or MqttProtocolViolationException or AuthenticationException or SocketException or IOException)
        {
            cancel.ThrowIfCancellationRequested();
            if (_peer.Refusal is { } refusal)
                throw new LinkException(LinkFault.Untrusted, $"{Broker}: {refusal}", e);
            if (version == MqttProtocolVersion.V500 && _peer.HasPassed && e is not MqttCommunicationTimedOutException)
                return false;
            throw new LinkException(LinkFault.Unreachable, $"No MQTT connection to {Broker}: {Innermost(e)}", e);
        }
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
        {
            throw new LinkException(LinkFault.Unreachable, $"{Broker} did not answer within {Timeout.TotalSeconds} s.", e);
        }
    }

    private MqttClientOptions OptionsFor(MqttProtocolVersion version)
    {
        var builder = new MqttClientOptionsBuilder()
            .WithTcpServer(identity.Assigned.MqttHost, identity.Assigned.MqttPort)
            .WithProtocolVersion(version)
            .WithClientId(_device.Value)
            .WithCredentials(_device.Value, (byte[]?)null)
            .WithCleanSession(false)
            .WithKeepAlivePeriod(keepAlive)
            .WithTimeout(Timeout)
            .WithWillTopic(Topic.Format(new TopicAddress(_device, TopicKind.Presence)))
            .WithWillPayload(PresenceBytes("lost"))
            .WithWillRetain()
            .WithWillQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce)
            .WithTlsOptions(tls => tls
                .UseTls()
                .WithTargetHost(identity.Assigned.MqttHost)
                .WithSslProtocols(SslProtocols.Tls12 | SslProtocols.Tls13)
                .WithClientCertificates([identity.Certificate])
                .WithCertificateValidationHandler(_peer.Check));
        return version == MqttProtocolVersion.V500
            ? builder.WithSessionExpiryInterval(SessionExpirySeconds).WithMaximumPacketSize(2 * WireCodec.UpBytesMax)
                // A device that is back within two keep-alives was never lost.
                .WithWillDelayInterval((uint)(2 * keepAlive.TotalSeconds)).Build()
            : builder.Build();
    }

    private async Task OnMessageAsync(MqttApplicationMessageReceivedEventArgs e)
    {
        var bytes = e.ApplicationMessage.Payload.ToArray();
        var topic = e.ApplicationMessage.Topic;
        if (!Topic.TryParse(topic, out var address) || address.Device != _device)
            return;

        LinkInput? input = null;
        try
        {
            input = address.Kind switch
            {
                TopicKind.Ack => new LinkInput.Acked(Known(WireCodec.Decode(bytes, WireJson.Default.Ack, WireCodec.DownBytesMax))),
                TopicKind.Command => new LinkInput.Command(address.Detail!, WireCodec.Decode(bytes, WireJson.Default.Envelope, WireCodec.DownBytesMax)),
                TopicKind.Desired => new LinkInput.Desired(WireCodec.Decode(bytes, WireJson.Default.Envelope, WireCodec.DownBytesMax)),
                _ => null,
            };
        }
        catch (WireException fault)
        {
            input = new LinkInput.Garbled(topic, fault.Message);
        }

        if (input is not null)
            await _receive(input);
    }

    private Ack Known(Ack ack)
    {
        WireCodec.Expect(ack, ack.V);
        if (ack.At is > 0 and < UnixMsMax)
            time.Learn(DateTimeOffset.FromUnixTimeMilliseconds(ack.At.Value), _peer.Ends);
        return ack;
    }

    private async Task OnDisconnectedAsync(MqttClientDisconnectedEventArgs e) => await _receive(e.Reason switch
    {
        MqttClientDisconnectReason.SessionTakenOver => new LinkInput.Lost(LinkFault.TakenOver, $"Another client connected to {Broker} as {_device}."),
        MqttClientDisconnectReason.NotAuthorized => new LinkInput.Lost(LinkFault.Refused, $"{Broker} no longer lets {_device} in{Said(e.ReasonString)}."),
        _ => new LinkInput.Lost(LinkFault.Lost, $"The connection to {Broker} ended: {(e.Exception is { } cause ? Innermost(cause) : e.Reason.ToString())}{Said(e.ReasonString)}."),
    });

    private Task SendAsync<T>(TopicKind kind, T message, JsonTypeInfo<T> type, CancellationToken cancel) =>
        PublishAsync(new TopicAddress(_device, kind), WireCodec.Encode(message, type), isRetained: false, cancel);

    private Task PublishAsync(TopicAddress topic, byte[] payload, bool isRetained, CancellationToken cancel) => GuardAsync(async timeout =>
    {
        var message = new MqttApplicationMessageBuilder().WithTopic(Topic.Format(topic)).WithPayload(payload)
            .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).WithRetainFlag(isRetained).Build();
        var answer = await _client!.PublishAsync(message, timeout);
        if (answer.ReasonCode == MqttClientPublishReasonCode.NotAuthorized)
            throw new LinkException(LinkFault.Refused, $"{Broker} does not let {_device} publish to {message.Topic}.");
        // Any other refusal (a quota, a busy store) is told by the acknowledgement that does not come.
    }, cancel);

    private async Task GuardAsync(Func<CancellationToken, Task> call, CancellationToken cancel)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        timeout.CancelAfter(SendTimeout);
        try
        {
            await call(timeout.Token);
        }
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
        {
            throw new LinkException(LinkFault.Lost, $"{Broker} took nothing for {SendTimeout.TotalSeconds} s.", e);
        }
        catch (Exception e) when (e is MqttCommunicationException or MqttProtocolViolationException or SocketException or IOException or InvalidOperationException or ObjectDisposedException)
        {
            cancel.ThrowIfCancellationRequested(); // The client says "timed out" when it was told to stop.
            throw new LinkException(LinkFault.Lost, $"The connection to {Broker} broke: {Innermost(e)}", e);
        }
    }

    private byte[] PresenceBytes(string state) =>
        WireCodec.Encode(new Presence { State = state, Session = _session }, WireJson.Default.Presence);

    private static string Said(string? reason) => string.IsNullOrEmpty(reason) ? "" : $" ({reason})";

    private static string Innermost(Exception e) => (e.GetBaseException().Message is { Length: > 0 } text ? text : e.GetType().Name).TrimEnd('.') + ".";
}
