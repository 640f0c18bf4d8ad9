using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using EdgeFleet.Agent.Enrolment;
using EdgeFleet.Shared.Trust;

namespace EdgeFleet.Agent.Health.Check;

/// <summary>Looks whether the broker can be reached and knows this board: name, port, TLS both ways. It stops before MQTT, so that a running agent keeps its session.</summary>
internal static class BrokerProbe
{
    private const string About = "control plane";
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    // A broker that turns a certificate down says so at once; one that takes it waits for the client.
    private static readonly TimeSpan RefusalWait = TimeSpan.FromMilliseconds(500);

    /// <summary>Looks.</summary>
    public static async Task<Finding> LookAsync(DeviceIdentity identity)
    {
        var broker = $"{identity.Assigned.MqttHost}:{identity.Assigned.MqttPort}";
        using var limit = new CancellationTokenSource(Timeout);
        try
        {
            using var tcp = new TcpClient();
            await tcp.ConnectAsync(identity.Assigned.MqttHost, identity.Assigned.MqttPort, limit.Token);
            await using var tls = new SslStream(tcp.GetStream());
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = identity.Assigned.MqttHost,
                    ClientCertificates = [identity.Certificate],
                    EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                    RemoteCertificateValidationCallback = PinnedCa.Validate(identity.Ca),
                },
                limit.Token);
            return await IsTurnedDownAsync(tls)
                ? new Finding(About, FindingKind.Fault, $"{broker} answers and turns this device's certificate down", "See in the control plane whether this device was revoked; if not, enrol it again with --force.")
                : Finding.Good(About, $"{broker} answers and is the one that this board knows");
        }
        catch (SocketException e)
        {
            return new Finding(About, FindingKind.Fault, $"{broker} cannot be reached: {e.Message}",
                e.SocketErrorCode is SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData ? "Check the board's DNS: resolvectl status" : "Check the network between the board and the control plane. Records wait on the board meanwhile.");
        }
        catch (OperationCanceledException)
        {
            return new Finding(About, FindingKind.Fault, $"{broker} did not answer within {Timeout.TotalSeconds:0} s", "Check the network and firewalls between the board and the control plane.");
        }
        catch (Exception e) when (e is AuthenticationException or IOException)
        {
            return new Finding(About, FindingKind.Fault, $"{broker} answers, but is not the control plane that enrolled this board, or not at the board's time: {e.Message}",
                "Check the board's clock and the control plane's address; if the control plane was set up anew, enrol again with --force.");
        }
    }

    private static async Task<bool> IsTurnedDownAsync(SslStream tls)
    {
        using var wait = new CancellationTokenSource(RefusalWait);
        try
        {
            return await tls.ReadAsync(new byte[1], wait.Token) == 0;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }
}
