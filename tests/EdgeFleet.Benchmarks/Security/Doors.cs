using System.Security.Cryptography.X509Certificates;
using EdgeFleet.Shared.Trust;
using MQTTnet;
using MQTTnet.Formatter;

namespace EdgeFleet.Benchmarks.Security;

/// <summary>The listeners, tried as a client would: TLS with a certificate, then one question.</summary>
internal static class Doors
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Asks for something over HTTP: the status, or 0 when there was no connection.</summary>
    public static async Task<int> GetAsync(HttpClient http, string path, CancellationToken cancel)
    {
        try
        {
            using var answer = await http.GetAsync(path, cancel);
            return (int)answer.StatusCode;
        }
        catch (HttpRequestException)
        {
            return 0;
        }
    }

    /// <summary>Connects to a broker by TLS; a client that is in, or null.</summary>
    public static Task<IMqttClient?> ConnectAsync(int port, X509Certificate2 ca, X509Certificate2? certificate, string clientId, CancellationToken cancel) =>
        ConnectAsync(o => o.WithTcpServer("localhost", port), ca, certificate, clientId, cancel);

    /// <summary>Connects to a broker by WebSocket over TLS; a client that is in, or null.</summary>
    public static Task<IMqttClient?> ConnectAsync(Uri address, X509Certificate2 ca, X509Certificate2? certificate, string clientId, CancellationToken cancel) =>
        ConnectAsync(o => o.WithWebSocketServer(w => w.WithUri(address.ToString())), ca, certificate, clientId, cancel);

    private static async Task<IMqttClient?> ConnectAsync(
        Action<MqttClientOptionsBuilder> where, X509Certificate2 ca, X509Certificate2? certificate, string clientId, CancellationToken cancel)
    {
        var validate = PinnedCa.Validate(ca);
        var builder = new MqttClientOptionsBuilder();
        where(builder);
        var options = builder
            .WithTlsOptions(tls => tls.UseTls().WithClientCertificates(certificate is null ? [] : [certificate])
                .WithCertificateValidationHandler(e => validate(tls, e.Certificate, e.Chain, e.SslPolicyErrors)))
            .WithClientId(clientId).WithProtocolVersion(MqttProtocolVersion.V500).WithKeepAlivePeriod(TimeSpan.FromSeconds(60)).WithTimeout(Patience).WithCleanStart().Build();
        var client = new MqttClientFactory().CreateMqttClient();
        try
        {
            var answer = await client.ConnectAsync(options, cancel);
            if (answer.ResultCode == MqttClientConnectResultCode.Success)
                return client;
        }
        catch (Exception e) when (e is MQTTnet.Exceptions.MqttCommunicationException or IOException or System.Net.WebSockets.WebSocketException or System.Security.Authentication.AuthenticationException or OperationCanceledException)
        {
            cancel.ThrowIfCancellationRequested();
        }

        client.Dispose();
        return null;
    }
}
