using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using EdgeFleet.ControlPlane.Tests.Enrolment;
using EdgeFleet.Shared.Trust;
using EdgeFleet.Testing.Processes;

namespace EdgeFleet.ControlPlane.Tests.Hosting;

/// <summary>One port for people and devices, told apart by the name that the handshake asks for.</summary>
public sealed class DeviceNameTests : IAsyncLifetime
{
    private const string DeviceName = "boards.fleet.test";
    private const string NoFile = "packages/0000000000000000000000000000000000000000000000000000000000000000";
    private RunningControlPlane _plane = null!;
    private TestDevice _leaf = null!;

    public async ValueTask InitializeAsync()
    {
        _plane = await RunningControlPlane.StartAsync(settings: new JsonObject(), controlPlane: new JsonObject { ["DeviceHosts"] = new JsonArray(DeviceName) });
        _leaf = await _plane.EnrolAsync("leaf-1");
    }

    public ValueTask DisposeAsync() => _plane.DisposeAsync();

    [Fact]
    public void A_board_is_told_the_devices_name_and_the_one_port()
    {
        Assert.Equal((DeviceName, DeviceName, DeviceName), (_leaf.Answer.Packages.Host, _leaf.Answer.Api!.Host, _leaf.Answer.MqttHost));
        Assert.Equal((_plane.Ports.HttpsPort, _plane.Ports.HttpsPort), (_leaf.Answer.Packages.Port, _leaf.Answer.Api.Port));
    }

    [Theory]
    [InlineData("localhost", false)]
    [InlineData("something.else", false)]
    [InlineData(null, false)]
    [InlineData(DeviceName, true)]
    [InlineData("BOARDS.fleet.TEST", true)]
    public async Task Only_who_asks_for_the_devices_name_is_asked_for_a_certificate(string? name, bool isAsked)
    {
        foreach (var version in new[] { "-tls1_2", "-tls1_3" })
        {
            string[] asked = name is null ? ["-noservername"] : ["-servername", name];
            var (_, _, all) = await LocalProcess.RunAsync(
                ["openssl", "s_client", "-connect", $"127.0.0.1:{_plane.Ports.HttpsPort}", version, "-msg", .. asked], TimeSpan.FromSeconds(20), CancellationToken.None);
            Assert.Contains("BEGIN CERTIFICATE", all, StringComparison.Ordinal);
            Assert.Equal(isAsked, all.Contains("CertificateRequest", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_device_finds_there_what_is_on_the_devices_port_and_nothing_for_people()
    {
        using var http = Client(DeviceName, _leaf.Certificate);

        using var file = await http.GetAsync(NoFile);
        using var self = await http.GetAsync("device/v1/self");
        using var page = await http.GetAsync("healthz");

        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.OK, HttpStatusCode.NotFound), (file.StatusCode, self.StatusCode, page.StatusCode));
    }

    [Fact]
    public async Task Without_a_certificate_or_with_a_foreign_one_the_devices_name_opens_nothing()
    {
        using var none = Client(DeviceName, null);
        using var foreign = Client(DeviceName, IdentityBench.SelfSigned("leaf-1", TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(9)));

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => none.GetAsync(NoFile));
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => foreign.GetAsync(NoFile));
    }

    [Fact]
    public async Task A_header_that_names_the_devices_host_does_not_make_a_person_a_device_nor_the_other_way_round()
    {
        Assert.StartsWith("HTTP/1.1 404", await AskAsync("localhost", "/device/v1/self", DeviceName), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 404", await AskAsync(DeviceName, "/healthz", "localhost"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200", await AskAsync(DeviceName, "/device/v1/self", "localhost"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_cannot_be_peoples_and_devices_at_once()
    {
        var fault = await Assert.ThrowsAnyAsync<Exception>(() => RunningControlPlane.StartAsync(
            controlPlane: new JsonObject { ["Hosts"] = new JsonArray("fleet.test"), ["DeviceHosts"] = new JsonArray("fleet.test", "10.0.0.1") }));

        Assert.Contains("a name is people's or devices'", fault.Message, StringComparison.Ordinal);
        Assert.Contains("'10.0.0.1', which is not a host name", fault.Message, StringComparison.Ordinal);
    }

    // By hand: the HTTP client takes the name of the handshake from the Host header.
    private async Task<string> AskAsync(string name, string path, string host)
    {
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(IPAddress.Loopback, _plane.Ports.HttpsPort);
        await using var tls = new SslStream(tcp.GetStream(), false, PinnedCa.Validate(_plane.Authority.Pin));
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = name, ClientCertificates = [_leaf.Certificate] });
        await tls.WriteAsync(System.Text.Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"));
        using var reader = new StreamReader(tls);
        return await reader.ReadToEndAsync();
    }

    // Resolves every name to this machine.
    private HttpClient Client(string name, X509Certificate2? certificate)
    {
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancel) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(IPAddress.Loopback, _plane.Ports.HttpsPort, cancel);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        handler.SslOptions = new SslClientAuthenticationOptions { TargetHost = name, RemoteCertificateValidationCallback = PinnedCa.Validate(_plane.Authority.Pin) };
        if (certificate is not null)
            handler.SslOptions.ClientCertificates = [certificate];
        return new HttpClient(handler) { BaseAddress = new Uri($"https://{name}:{_plane.Ports.HttpsPort}/") };
    }
}
