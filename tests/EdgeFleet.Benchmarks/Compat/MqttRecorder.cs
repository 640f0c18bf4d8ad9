using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using EdgeFleet.Shared.Trust;
using EdgeFleet.Testing.Wire;

namespace EdgeFleet.Benchmarks.Compat;

/// <summary>
/// Stands between a board and its broker and keeps what they say to each other. It has the server's certificate and the board's key from their folders, so neither of
/// them notices; the board's identity file names its port while it stands there.
/// </summary>
internal sealed class MqttRecorder : IAsyncDisposable
{
    private const int BufferBytes = 64 * 1024;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly List<WireRecord> _records = [];
    private readonly X509Certificate2 _ca;
    private readonly X509Certificate2 _server;
    private readonly X509Certificate2 _board;
    private readonly string _deviceFile;
    private readonly int _broker;
    private readonly Task _running;

    /// <summary>Steps in between.</summary>
    /// <param name="ca">The control plane's folder <c>ca</c>.</param>
    /// <param name="identity">The board's folder <c>identity</c>.</param>
    public MqttRecorder(string ca, string identity)
    {
        _deviceFile = Path.Combine(identity, "device.json");
        _server = X509Certificate2.CreateFromPemFile(Path.Combine(ca, "server.pem"));
        var device = JsonNode.Parse(File.ReadAllText(_deviceFile))!;
        _board = X509Certificate2.CreateFromPem((string)device["certificate"]!, File.ReadAllText(Directory.EnumerateFiles(identity, "key*.pem").Single()));
        _ca = X509Certificate2.CreateFromPem((string)device["ca"]!);
        _broker = (int)device["mqttPort"]!;
        _listener.Start();
        Name(((IPEndPoint)_listener.LocalEndpoint).Port);
        _running = Task.Run(AcceptAsync);
    }

    /// <summary>What was said so far, oldest first.</summary>
    public IReadOnlyList<WireRecord> Records
    {
        get
        {
            lock (_records)
                return [.. _records];
        }
    }

    /// <summary>Steps aside; the board must not run meanwhile.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _running;
        Name(_broker);
        _ca.Dispose();
        _server.Dispose();
        _board.Dispose();
        _stop.Dispose();
    }

    private void Name(int port)
    {
        var device = JsonNode.Parse(File.ReadAllText(_deviceFile))!;
        device["mqttPort"] = port;
        File.WriteAllText(_deviceFile, device.ToJsonString());
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                connections.Add(CarryAsync(client));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task CarryAsync(TcpClient client)
    {
        using var _ = client;
        using var broker = new TcpClient();
        try
        {
            await using var here = new SslStream(client.GetStream());
            await here.AuthenticateAsServerAsync(
                new SslServerAuthenticationOptions { ServerCertificate = _server, ClientCertificateRequired = true, RemoteCertificateValidationCallback = IsBoard }, _stop.Token);
            await broker.ConnectAsync(IPAddress.Loopback, _broker, _stop.Token);
            await using var there = new SslStream(broker.GetStream());
            await there.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions { TargetHost = "localhost", ClientCertificates = [_board], RemoteCertificateValidationCallback = PinnedCa.Validate(_ca) }, _stop.Token);
            var session = new MqttSession();
            await Task.WhenAny(PumpAsync(here, there, new MqttPublishes(session, Keep)), PumpAsync(there, here, new MqttPublishes(session, Keep)));
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or System.Security.Authentication.AuthenticationException)
        {
            // Either side may go at any time; the board comes again.
        }
    }

    private async Task PumpAsync(SslStream from, SslStream to, MqttPublishes publishes)
    {
        var buffer = new byte[BufferBytes];
        int read;
        while ((read = await from.ReadAsync(buffer, _stop.Token)) > 0)
        {
            publishes.Take(buffer.AsSpan(0, read));
            await to.WriteAsync(buffer.AsMemory(0, read), _stop.Token);
        }
    }

    private bool IsBoard(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) =>
        certificate is not null && PinnedCa.IsIssuedBy(_ca, certificate, PinnedCa.ClientPurpose);

    private void Keep(string topic, byte[] payload)
    {
        lock (_records)
            _records.Add(new WireRecord(topic, payload));
    }
}
