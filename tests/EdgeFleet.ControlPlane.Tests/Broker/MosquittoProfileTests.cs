using System.Collections.Concurrent;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using EdgeFleet.ControlPlane.Tests.Enrolment;
using EdgeFleet.Shared.Trust;
using EdgeFleet.Testing.Processes;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;

namespace EdgeFleet.ControlPlane.Tests.Broker;

/// <summary>The shipped profile on Debian's mosquitto, as a matrix: who gets in, who may say what, who hears what.</summary>
public sealed class MosquittoProfileTests : IAsyncLifetime
{
    private const string Control = "control.plane";
    private readonly MosquittoProfile _broker = new();
    private X509Certificate2 _leaf = null!;
    private X509Certificate2 _other = null!;
    private X509Certificate2 _revoked = null!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(MosquittoProcess.Program is null, MosquittoProcess.Absent);
        (_leaf, _other, _revoked) = (_broker.Certificate("leaf-1"), _broker.Certificate("leaf-2"), _broker.Revoke(_broker.Certificate("leaf-3")));
        await _broker.StartAsync();
    }

    public ValueTask DisposeAsync() => _broker.DisposeAsync();

    [Fact]
    public async Task Only_a_good_certificate_of_the_fleets_CA_gets_in()
    {
        var now = TimeProvider.System.GetUtcNow();
        using var foreignKey = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        (string Kind, X509Certificate2? Certificate, bool IsIn)[] rows =
        [
            ("its own", _leaf, true),
            ("none", null, false),
            ("expired", _broker.Certificate("leaf-1", -2, -1), false),
            ("not yet valid", _broker.Certificate("leaf-1", 1, 300), false),
            ("another CA of the same name", IdentityBench.Sign(new X500DistinguishedName("CN=Test fleet CA"), foreignKey, "leaf-1", PinnedCa.ClientPurpose, now.AddDays(-1), now.AddDays(9)), false),
            ("self-signed", IdentityBench.SelfSigned("leaf-1", now.AddDays(-1), now.AddDays(9)), false),
            ("for servers", _broker.Certificate("leaf-1", purpose: PinnedCa.ServerPurpose), false),
            ("revoked", _revoked, false),
        ];
        foreach (var version in new[] { MqttProtocolVersion.V500, MqttProtocolVersion.V311 })
        {
            foreach (var row in rows)
            {
                var (client, code) = await _broker.ConnectAsync(row.Certificate, "leaf-1", version);
                using (client)
                    Assert.True(client is not null == row.IsIn, $"{row.Kind}, {version}: {code}");
            }
        }
    }

    /// <summary>Who publishes what; refused is 0x87.</summary>
    [Theory]
    [InlineData("leaf-1", "ef/1/d/leaf-1/up/hello", true)]
    [InlineData("leaf-1", "ef/1/d/leaf-1/up/tele/minute", true)]
    [InlineData("leaf-1", "ef/1/d/leaf-1/up/event/alert", true)]
    [InlineData("leaf-1", "ef/1/d/leaf-1/up/cmd/c1", true)]
    [InlineData("leaf-1", "ef/1/d/leaf-1/state", true)]
    [InlineData("leaf-1", "ef/1/d/leaf-1/down/desired", false)]
    [InlineData("leaf-1", "ef/1/d/leaf-1/down/cmd/c1", false)]
    [InlineData("leaf-1", "ef/1/d/leaf-1", false)]
    [InlineData("leaf-1", "ef/1/d/leaf-1/state/x", false)]
    [InlineData("leaf-1", "ef/1/d/leaf-2/up/hello", false)]
    [InlineData("leaf-1", "ef/1/d/leaf-2/state", false)]
    [InlineData("leaf-1", "ef/1/d/leaf-11/up/hello", false)]
    [InlineData("leaf-1", "ef/1/d/leaf/up/hello", false)]
    [InlineData("leaf-1", "ef/1/d//up/hello", false)]
    [InlineData("leaf-1", "/ef/1/d/leaf-1/up/hello", false)]
    [InlineData("leaf-1", "ef/2/d/leaf-1/up/hello", false)]
    [InlineData("leaf-1", "$SYS/broker/uptime", false)]
    [InlineData("leaf-1", "$CONTROL/dynamic-security/v1", false)]
    [InlineData("leaf-1", "anything", false)]
    [InlineData(Control, "ef/1/d/leaf-1/down/desired", true)]
    [InlineData(Control, "ef/1/d/leaf-2/down/cmd/c1", true)]
    [InlineData(Control, "ef/1/d/leaf-1/up/hello", false)]
    [InlineData(Control, "ef/1/d/leaf-1/state", false)]
    public async Task Each_says_its_own_and_nothing_else(string who, string topic, bool isTaken)
    {
        var (client, _) = await _broker.ConnectAsync(who == Control ? _broker.Certificate(Control) : _leaf, who);
        using (client)
        {
            var result = await PublishAsync(client!, topic);
            Assert.Equal(isTaken, result.ReasonCode is MqttClientPublishReasonCode.Success or MqttClientPublishReasonCode.NoMatchingSubscribers);
            Assert.True(isTaken || result.ReasonCode == MqttClientPublishReasonCode.NotAuthorized, $"{result.ReasonCode}");
        }
    }

    /// <summary>Which subscription of leaf-1 hears what the control plane says to leaf-2 and what leaf-2 says; its own way down comes last and ends the wait.</summary>
    [Theory]
    [InlineData("ef/1/d/leaf-2/down/#")]
    [InlineData("ef/1/d/+/down/#")]
    [InlineData("ef/1/d/leaf-2/up/#")]
    [InlineData("ef/1/d/+/state")]
    [InlineData("ef/1/d/leaf-1/up/#")]
    [InlineData("#")]
    [InlineData("$share/g/ef/1/d/+/down/#")]
    [InlineData("$SYS/#")]
    public async Task A_device_hears_its_own_way_down_and_nothing_else_whatever_it_subscribes_to(string filter)
    {
        var (leaf, _) = await _broker.ConnectAsync(_leaf, "leaf-1");
        var (other, _) = await _broker.ConnectAsync(_other, "leaf-2");
        var (control, _) = await _broker.ConnectAsync(_broker.Certificate(Control), Control);
        using var clients = new Clients(leaf!, other!, control!);
        var (heard, last) = Hear(leaf!, "ef/1/d/leaf-1/down/ack");
        await leaf!.SubscribeAsync(filter, MqttQualityOfServiceLevel.AtLeastOnce);
        await leaf.SubscribeAsync("ef/1/d/leaf-1/down/#", MqttQualityOfServiceLevel.AtLeastOnce);

        await PublishAsync(other!, "ef/1/d/leaf-2/up/hello");
        await PublishAsync(other!, "ef/1/d/leaf-2/state");
        await PublishAsync(leaf!, "ef/1/d/leaf-1/up/hello");
        await PublishAsync(control!, "ef/1/d/leaf-2/down/desired");
        await PublishAsync(control!, "ef/1/d/leaf-1/down/ack");

        await last.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.All(heard, t => Assert.Equal("ef/1/d/leaf-1/down/ack", t));
    }

    [Fact]
    public async Task The_control_planes_client_hears_all_devices_and_their_states()
    {
        var (leaf, _) = await _broker.ConnectAsync(_leaf, "leaf-1", MqttProtocolVersion.V311);
        var (control, _) = await _broker.ConnectAsync(_broker.Certificate(Control), Control);
        using var clients = new Clients(leaf!, control!);
        var (heard, last) = Hear(control!, "ef/1/d/leaf-1/up/event/alert");
        await control!.SubscribeAsync("ef/1/d/+/up/#", MqttQualityOfServiceLevel.AtLeastOnce);
        await control.SubscribeAsync("ef/1/d/+/state", MqttQualityOfServiceLevel.AtLeastOnce);

        await PublishAsync(leaf!, "ef/1/d/leaf-1/state");
        await PublishAsync(leaf!, "ef/1/d/leaf-1/up/event/alert");

        await last.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(["ef/1/d/leaf-1/state", "ef/1/d/leaf-1/up/event/alert"], heard);
    }

    [Fact]
    public async Task Another_devices_session_is_not_taken_by_its_client_id()
    {
        var (leaf, _) = await _broker.ConnectAsync(_leaf, "leaf-1");
        var (thief, _) = await _broker.ConnectAsync(_other, "leaf-1");
        using var clients = new Clients(leaf!, thief!);

        Assert.Equal(MqttClientPublishReasonCode.NotAuthorized, (await PublishAsync(thief!, "ef/1/d/leaf-1/up/hello")).ReasonCode);
        Assert.True((await PublishAsync(leaf!, "ef/1/d/leaf-1/up/hello")).IsSuccess);
    }

    [Theory]
    [InlineData(new byte[] { 0x10, 0x80, 0x80, 0x80, 0x04 })] // A CONNECT of 8 MiB.
    [InlineData(new byte[] { 0x10, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF })] // A length without end.
    public async Task A_packet_over_the_largest_ends_the_connection_before_it_is_gathered(byte[] first)
    {
        using var tcp = new TcpClient();
        await tcp.ConnectAsync("127.0.0.1", _broker.Port);
        await using var tls = new SslStream(tcp.GetStream(), false, (_, certificate, _, _) => certificate?.Subject == "CN=localhost");
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost", ClientCertificates = [_leaf] });

        await tls.WriteAsync(first);

        var read = 0;
        try
        {
            read = await tls.ReadAsync(new byte[100]).AsTask().WaitAsync(TimeSpan.FromSeconds(30));
        }
        catch (IOException)
        {
            // A reset is an end too.
        }

        Assert.Equal(0, read);
    }

    private static Task<MqttClientPublishResult> PublishAsync(IMqttClient client, string topic) => client.PublishAsync(
        new MqttApplicationMessageBuilder().WithTopic(topic).WithPayload([1]).WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build());

    private static (ConcurrentQueue<string> Heard, Task Last) Hear(IMqttClient client, string last)
    {
        var (heard, end) = (new ConcurrentQueue<string>(), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        client.ApplicationMessageReceivedAsync += e =>
        {
            heard.Enqueue(e.ApplicationMessage.Topic);
            if (e.ApplicationMessage.Topic == last)
                end.TrySetResult();
            return Task.CompletedTask;
        };
        return (heard, end.Task);
    }

    private sealed class Clients(params IMqttClient[] all) : IDisposable
    {
        public void Dispose() => Array.ForEach(all, c => c.Dispose());
    }
}
