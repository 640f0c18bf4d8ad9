using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using EdgeFleet.Agent.Inference;
using EdgeFleet.Agent.Sources;
using EdgeFleet.Agent.Sources.Live;
using EdgeFleet.Agent.Sources.Mqtt;
using EdgeFleet.Agent.Tests.Connectivity;
using EdgeFleet.Agent.Tests.Sources.Commands;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Testing;
using EdgeFleet.Testing.Processes;
using EdgeFleet.Testing.Packages;
using Microsoft.Extensions.Logging.Abstractions;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Server;

namespace EdgeFleet.Agent.Tests.Sources.Mqtt;

public sealed class MqttSourceTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly SourceCounters _counters = new();

    public MqttSourceTests() => Assert.SkipUnless(MosquittoProcess.Program is not null, MosquittoProcess.Absent);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Readings_of_a_topic_become_windows_and_come_again_after_the_broker_was_killed()
    {
        await using var broker = new MosquittoProcess(_folder.Path, "allow_anonymous true");
        await broker.StartAsync(TestContext.Current.CancellationToken);
        using var source = Source(broker, new MqttSourceOptions { Topic = "plant/+/vibration", Qos = 1, Lines = ReadingFormat.Json });
        var series = CommandBench.Series(4, "x", "y");

        await using (await PublishingAsync(broker, "plant/pump-3/vibration", """{"x":[1,3],"y":[2,4],"unit":"g"}"""))
            Assert.Equal((float[])[1, 2, 3, 4, 1, 2, 3, 4], (await source.SampleAsync(series)).Window.ToArray());
        await broker.KillAsync();
        Assert.Contains($"The connection to the broker 127.0.0.1:{broker.Port} ended", (await source.StallAsync(series)).Why, StringComparison.Ordinal);
        await broker.StartAsync(TestContext.Current.CancellationToken);

        await using (await PublishingAsync(broker, "plant/pump-4/vibration", """[[9,8],[7,6],[5,4],[3,2]]"""))
            Assert.Equal((float[])[9, 8, 7, 6, 5, 4, 3, 2], (await source.SampleInTheEndAsync(series)).Window.ToArray());
        Assert.True(_counters.Restarts > 0);
    }

    [Fact]
    public async Task Images_come_as_they_are_and_others_are_refused_with_the_topic()
    {
        var image = TestImages.NoisyJpeg(64, 48);
        await using var broker = new MosquittoProcess(_folder.Path, "allow_anonymous true");
        await broker.StartAsync(TestContext.Current.CancellationToken);
        using var source = Source(broker, new MqttSourceOptions { Topic = "eye", StallSeconds = 2, BytesMax = 50_000 });

        await using (await PublishingAsync(broker, "eye", "not an image"))
            Assert.EndsWith("A message on eye of 12 bytes is neither a JPEG nor a PNG.", (await source.StallAsync(CommandBench.Pictures)).Why, StringComparison.Ordinal);
        await using (await PublishingAsync(broker, "eye", image))
            Assert.Equal(image, (await source.SampleInTheEndAsync(CommandBench.Pictures)).Image.ToArray());

        Assert.True(_counters.Unusable > 0);
    }

    [Fact]
    public async Task A_broker_that_wants_a_user_gets_it_from_the_file()
    {
        // mosquitto_passwd's own format: PBKDF2 with SHA-512, 101 rounds.
        var salt = RandomNumberGenerator.GetBytes(12);
        var hash = Rfc2898DeriveBytes.Pbkdf2("s3:cret", salt, 101, HashAlgorithmName.SHA512, 64);
        await File.WriteAllTextAsync(_folder["users"], $"gate:$7$101${Convert.ToBase64String(salt)}${Convert.ToBase64String(hash)}\n");
        File.SetUnixFileMode(_folder.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        File.SetUnixFileMode(_folder["users"], UnixFileMode.UserRead | UnixFileMode.OtherRead);
        await using var broker = new MosquittoProcess(_folder.Path, "allow_anonymous false", $"password_file {_folder["users"]}");
        await broker.StartAsync(TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(_folder["credentials"], "gate:wrong\n");
        using var source = Source(broker, new MqttSourceOptions { Topic = "t", Lines = ReadingFormat.Csv, CredentialsFile = _folder["credentials"] });
        var series = CommandBench.Series(1, "x");

        var stall = await source.StallAsync(series);
        Assert.Contains("refused the connection: ", stall.Why, StringComparison.Ordinal);
        await File.WriteAllTextAsync(_folder["credentials"], "gate:s3:cret\n");

        await using (await PublishingAsync(broker, "t", "17", user: "gate"))
            Assert.Equal((float[])[17], (await source.SampleInTheEndAsync(series)).Window.ToArray());
    }

    [Fact]
    public async Task TLS_is_checked_against_the_named_CA()
    {
        using var authority = new TestAuthority();
        await File.WriteAllTextAsync(_folder["ca.pem"], authority.Ca.ExportCertificatePem());
        await File.WriteAllTextAsync(_folder["server.pem"], authority.Server.ExportCertificatePem());
        await File.WriteAllTextAsync(_folder["server.key"], authority.Server.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        File.SetUnixFileMode(_folder.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        File.SetUnixFileMode(_folder["server.key"], UnixFileMode.UserRead | UnixFileMode.OtherRead);
        await using var broker = new MosquittoProcess(
            _folder.Path, "allow_anonymous true", $"certfile {_folder["server.pem"]}", $"keyfile {_folder["server.key"]}");
        await broker.StartAsync(TestContext.Current.CancellationToken);
        var options = new MqttSourceOptions { Topic = "t", Lines = ReadingFormat.Csv, Tls = true };
        using var source = Source(broker, options with { CaFile = _folder["ca.pem"] });
        using var systems = Source(broker, options);
        var series = CommandBench.Series(1, "x");

        Assert.Contains("No connection to the broker", (await systems.StallAsync(series)).Why, StringComparison.Ordinal);
        await using (await PublishingAsync(broker, "t", "5", tls: true))
            Assert.Equal((float[])[5], (await source.SampleAsync(series)).Window.ToArray());
    }

    [Fact]
    public async Task A_broker_that_has_no_MQTT_5_is_spoken_to_in_3_1_1()
    {
        var port = new MosquittoProcess(_folder.Path).Port;
        using var server = new MqttServerFactory().CreateMqttServer(
            new MqttServerOptionsBuilder().WithDefaultEndpoint().WithDefaultEndpointPort(port).WithDefaultEndpointBoundIPAddress(System.Net.IPAddress.Loopback).Build());
        var subscribed = new TaskCompletionSource<MqttProtocolVersion>();
        var versions = new List<MqttProtocolVersion>();
        server.ValidatingConnectionAsync += e =>
        {
            versions.Add(e.ProtocolVersion);
            if (e.ProtocolVersion == MqttProtocolVersion.V500)
                e.ReasonCode = MQTTnet.Protocol.MqttConnectReasonCode.UnsupportedProtocolVersion;
            return Task.CompletedTask;
        };
        server.ClientSubscribedTopicAsync += e =>
        {
            subscribed.TrySetResult(versions[^1]);
            return Task.CompletedTask;
        };
        await server.StartAsync();
        using var source = Source(port, new MqttSourceOptions { Topic = "t", Lines = ReadingFormat.Csv });
        var reading = source.SampleAsync(CommandBench.Series(1, "x"));

        Assert.Equal(MqttProtocolVersion.V311, await subscribed.Task.WaitAsync(TimeSpan.FromSeconds(30), Cancel));
        await server.InjectApplicationMessage(new InjectedMqttApplicationMessage(new MqttApplicationMessage { Topic = "t", PayloadSegment = "3"u8.ToArray() }));

        Assert.Equal((float[])[3], (await reading).Window.ToArray());
        await server.StopAsync();
    }

    [Fact]
    public async Task A_flood_keeps_the_newest_and_an_absent_broker_is_named()
    {
        await using var broker = new MosquittoProcess(_folder.Path, "allow_anonymous true");
        using var source = Source(broker, new MqttSourceOptions { Topic = "t", Lines = ReadingFormat.Csv });
        var series = CommandBench.Series(1, "x");
        Assert.Contains($"No connection to the broker 127.0.0.1:{broker.Port}", (await source.StallAsync(series)).Why, StringComparison.Ordinal);
        await broker.StartAsync(TestContext.Current.CancellationToken);

        await using var publishing = await PublishingAsync(broker, "t", "1");
        await source.SampleInTheEndAsync(series);
        while (_counters.Frames < 500)
            await source.SampleAsync(series);

        Assert.True(_counters.Frames - _counters.Dropped > 0);
    }

    private MqttSource Source(MosquittoProcess broker, MqttSourceOptions options) => Source(broker.Port, options);

    private MqttSource Source(int port, MqttSourceOptions options) => new(
        options with { Host = options.Tls ? "localhost" : "127.0.0.1", Port = port }, _counters, TimeProvider.System, new SlotLog(SlotName.Parse("pump"), NullLogger.Instance));

    private static Task<Publishing> PublishingAsync(MosquittoProcess broker, string topic, string text, string? user = null, bool tls = false) =>
        PublishingAsync(broker, topic, Encoding.UTF8.GetBytes(text), user, tls);

    // Again and again until disposed, since a subscriber that comes later hears nothing of what was before.
    private static async Task<Publishing> PublishingAsync(MosquittoProcess broker, string topic, byte[] payload, string? user = null, bool tls = false)
    {
        var builder = new MqttClientOptionsBuilder().WithTcpServer(tls ? "localhost" : "127.0.0.1", broker.Port);
        if (user is not null)
            builder = builder.WithCredentials(user, "s3:cret");
        if (tls)
            builder = builder.WithTlsOptions(o => o.UseTls().WithCertificateValidationHandler(_ => true));
        var client = new MqttClientFactory().CreateMqttClient();
        await client.ConnectAsync(builder.Build(), Cancel);
        return new Publishing(client, topic, payload);
    }

    private sealed class Publishing : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly IMqttClient _client;
        private readonly Task _running;

        public Publishing(IMqttClient client, string topic, byte[] payload)
        {
            _client = client;
            _running = RunAsync(topic, payload);
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _running;
            _client.Dispose();
            _stop.Dispose();
        }

        private async Task RunAsync(string topic, byte[] payload)
        {
            var message = new MqttApplicationMessageBuilder().WithTopic(topic).WithPayload(payload).WithQualityOfServiceLevel(MQTTnet.Protocol.MqttQualityOfServiceLevel.AtLeastOnce).Build();
            while (!_stop.IsCancellationRequested)
                await _client.PublishAsync(message, CancellationToken.None);
        }
    }
}
