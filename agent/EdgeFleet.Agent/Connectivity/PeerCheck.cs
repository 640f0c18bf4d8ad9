using EdgeFleet.Agent.Enrolment;
using EdgeFleet.Shared.Trust;
using MQTTnet;

namespace EdgeFleet.Agent.Connectivity;

/// <summary>Checks the broker's certificate and remembers how that went, because the client's own errors do not say.</summary>
internal sealed class PeerCheck(DeviceIdentity identity, TrustedTime time)
{
    /// <summary>Why the last one was refused; null when it was not.</summary>
    public string? Refusal { get; private set; }

    /// <summary>True when the last one was as it must be.</summary>
    public bool HasPassed { get; private set; }

    /// <summary>End of the last one that passed.</summary>
    public DateTimeOffset Ends { get; private set; } = DateTimeOffset.UnixEpoch;

    /// <summary>For the client.</summary>
    public bool Check(MqttClientCertificateValidationEventArgs e)
    {
        HasPassed = PinnedCa.Validate(identity.Ca, () => time.Now)(this, e.Certificate, e.Chain, e.SslPolicyErrors);
        if (HasPassed)
        {
            using var certificate = new System.Security.Cryptography.X509Certificates.X509Certificate2(e.Certificate);
            (Ends, Refusal) = (certificate.NotAfter, null);
            return true;
        }

        Refusal = $"its certificate ({e.Certificate?.Subject ?? "none"}; {e.SslPolicyErrors}) is not one that this board's CA gave for this host, or is not valid at the board's time. "
            + "Check the board's clock, then whether the control plane moved; if it did, enrol again.";
        return false;
    }
}
