using System.Buffers;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeFleet.Agent.Sources.Commands;
using EdgeFleet.Agent.Sources.Live;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Trust;
using Microsoft.Extensions.Logging;
using MQTTnet;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Protocol;

namespace EdgeFleet.Agent.Sources.Mqtt;

/// <summary>
/// Keeps a subscription at a broker: connects by MQTT 5, or by 3.1.1 where there is no more, and again after a pause that grows. Each loss, and each long
/// silence, is told to the reader.
/// </summary>
internal sealed partial class MqttFeed(MqttSourceOptions options, MqttIntake intake, TimeProvider time, SlotLog slot) : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(20);

    private readonly CancellationTokenSource _stop = new();
    private readonly RestartPolicy _restarts = new();
    private Task? _running;

    private string Broker => $"{options.Host}:{options.Port}";

    /// <summary>Begins on the first call.</summary>
    public void EnsureStarted() => _running ??= RunAsync(_stop.Token);

    /// <inheritdoc/>
    public void Dispose() => _stop.Cancel();

    private async Task RunAsync(CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            var begun = time.GetTimestamp();
            var before = intake.Whole;
            try
            {
                var fault = await FollowAsync(cancel);
                intake.Latest.Fail(fault);
                intake.Counters.AddRestart();
                var pause = _restarts.Next(time.GetElapsedTime(begun), intake.Whole > before);
                Log.Lost(slot.Logger, slot.Slot, fault.Why, pause.TotalSeconds);
                await Task.Delay(pause, time, cancel);
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private async Task<SourceFault> FollowAsync(CancellationToken cancel)
    {
        try
        {
            var credentials = options.CredentialsFile.Length > 0 ? CredentialsFile.Read(options.CredentialsFile) : null;
            return await FollowAsync(MqttProtocolVersion.V500, credentials, cancel)
                ?? await FollowAsync(MqttProtocolVersion.V311, credentials, cancel)
                ?? new SourceFault($"The broker {Broker} speaks neither MQTT 5 nor 3.1.1.", "Look at what listens there.");
        }
        catch (Exception e) when (e is MqttCommunicationException or MqttProtocolViolationException or SocketException or IOException or AuthenticationException
            or CryptographicException or InvalidOperationException or OperationCanceledException)
        {
            cancel.ThrowIfCancellationRequested();
            return new SourceFault($"No connection to the broker {Broker}: {Innermost(e)}", "Look whether the broker runs and lets this board in; it is tried again by itself.");
        }
    }

    // Null when the broker does not take this version.
    private async Task<SourceFault?> FollowAsync(MqttProtocolVersion version, UserPassword? credentials, CancellationToken cancel)
    {
        using var client = new MqttClientFactory().CreateMqttClient();
        var lost = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        client.ApplicationMessageReceivedAsync += e =>
        {
            intake.Take(e.ApplicationMessage.Payload, e.ApplicationMessage.Topic);
            return Task.CompletedTask;
        };
        client.DisconnectedAsync += e =>
        {
            lost.TrySetResult(e.Exception is null ? e.Reason.ToString() : Innermost(e.Exception));
            return Task.CompletedTask;
        };
        if (await ConnectAsync(client, version, credentials, cancel) is not { } refusal)
            return null;
        if (refusal.Length > 0)
            return new SourceFault($"The broker {Broker} refused the connection: {refusal}.", "Look at CredentialsFile of this slot and at the broker's list of users.");

        intake.Restart();
        if (await SubscribeAsync(client, cancel) is { } denied)
            return denied;

        Log.Subscribed(slot.Logger, slot.Slot, options.Topic, Broker, version);
        await WatchAsync(lost.Task, cancel);
        return new SourceFault($"The connection to the broker {Broker} ended: {await lost.Task}.", "Look at the broker; it is tried again by itself.");
    }

    // Empty when connected, a reason when refused, null when the version was.
    private async Task<string?> ConnectAsync(IMqttClient client, MqttProtocolVersion version, UserPassword? credentials, CancellationToken cancel)
    {
        try
        {
            var answer = await client.ConnectAsync(OptionsFor(version, credentials), cancel);
            return answer.ResultCode switch
            {
                MqttClientConnectResultCode.Success => "",
                MqttClientConnectResultCode.UnsupportedProtocolVersion => null,
                var code => code.ToString(),
            };
        }
        catch (Exception e) when (version == MqttProtocolVersion.V500 && e is MqttProtocolViolationException or MqttCommunicationException { InnerException: null })
        {
            // A broker of 3.1.1 alone closes without an answer, or answers in its own form.
            cancel.ThrowIfCancellationRequested();
            return null;
        }
    }

    private async Task<SourceFault?> SubscribeAsync(IMqttClient client, CancellationToken cancel)
    {
        var wish = new MqttClientSubscribeOptionsBuilder().WithTopicFilter(options.Topic, (MqttQualityOfServiceLevel)options.Qos).Build();
        var answer = await client.SubscribeAsync(wish, cancel);
        return answer.Items.FirstOrDefault(i => i.ResultCode > MqttClientSubscribeResultCode.GrantedQoS2) is { } denied
            ? new SourceFault($"The broker {Broker} refused the topic {options.Topic}: {denied.ResultCode}.", "Let this board's user read the topic at the broker.")
            : null;
    }

    // The connection may be well and the gateway behind the broker silent: that is told once, and again only after it has spoken.
    private async Task WatchAsync(Task lost, CancellationToken cancel)
    {
        var (whole, since, isTold) = (intake.Whole, time.GetTimestamp(), false);
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), time);
        while (true)
        {
            var tick = timer.WaitForNextTickAsync(cancel).AsTask();
            if (await Task.WhenAny(lost, tick) == lost)
                return;

            await tick;
            if (intake.Whole != whole)
                (whole, since, isTold) = (intake.Whole, time.GetTimestamp(), false);
            if (isTold || time.GetElapsedTime(since).TotalSeconds < options.StallSeconds)
                continue;

            isTold = true;
            intake.Latest.Fail(new SourceFault(
                $"Nothing usable came on {options.Topic} at {Broker} for {options.StallSeconds} s. {intake.Complaint()}".TrimEnd(),
                "Look at the gateway that publishes there, and at its topic and payload."));
        }
    }

    private MqttClientOptions OptionsFor(MqttProtocolVersion version, UserPassword? credentials)
    {
        var builder = new MqttClientOptionsBuilder()
            .WithTcpServer(options.Host, options.Port)
            .WithProtocolVersion(version)
            // Two boards may read from one broker, and a broker knows a client by this alone.
            .WithClientId($"edgefleet-{slot.Slot}-{RandomNumberGenerator.GetHexString(8, lowercase: true)}")
            .WithCleanSession()
            .WithKeepAlivePeriod(KeepAlive)
            .WithTimeout(Timeout);
        if (credentials is not null)
            builder = builder.WithCredentials(credentials.User, credentials.Password);
        if (version == MqttProtocolVersion.V500)
            builder = builder.WithMaximumPacketSize((uint)options.BytesMax + 65536);
        if (!options.Tls)
            return builder.Build();

        var check = options.CaFile.Length > 0 ? PinnedCa.Validate(X509Certificate2.CreateFromPem(File.ReadAllText(options.CaFile))) : null;
        return builder.WithTlsOptions(tls =>
        {
            tls.UseTls().WithTargetHost(options.Host).WithSslProtocols(SslProtocols.Tls12 | SslProtocols.Tls13);
            if (check is not null)
                tls.WithCertificateValidationHandler(e => check(this, e.Certificate, e.Chain, e.SslPolicyErrors));
        }).Build();
    }

    private static string Innermost(Exception e) => e.GetBaseException().Message.TrimEnd('.');

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "Slot {Slot}: subscribed to {Topic} at {Broker} by {Version}")]
        public static partial void Subscribed(ILogger logger, SlotName slot, string topic, string broker, MqttProtocolVersion version);

        [LoggerMessage(LogLevel.Debug, "Slot {Slot}: {Why} It is tried again in {Seconds} s")]
        public static partial void Lost(ILogger logger, SlotName slot, string why, double seconds);
    }
}
