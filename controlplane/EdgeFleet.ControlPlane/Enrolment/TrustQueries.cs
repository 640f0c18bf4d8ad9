using EdgeFleet.Shared.Api;

namespace EdgeFleet.ControlPlane.Enrolment;

/// <summary>When what vouches for devices and servers ends.</summary>
internal sealed class TrustQueries(CertificateAuthority authority, ServerCertificate server)
{
    /// <summary>The ends.</summary>
    public TrustSummary Summarise() => new(authority.Pin.Value, authority.Certificate.NotAfter, authority.Ends, server.Current.TargetCertificate.NotAfter);
}
