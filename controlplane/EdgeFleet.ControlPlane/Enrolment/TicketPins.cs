using EdgeFleet.ControlPlane.Models;
using EdgeFleet.Shared.Identity;

namespace EdgeFleet.ControlPlane.Enrolment;

/// <summary>What tickets pin, so that a board's first contact is not blind: the CA, and the root by which it checks packages from then on.</summary>
internal sealed class TicketPins(CertificateAuthority authority, PackageMetadata metadata)
{
    /// <summary>SHA-256 of the CA.</summary>
    public Sha256Digest Ca => authority.Pin;

    /// <summary>SHA-256 of the TUF root in force; null while packages are not signed.</summary>
    public Sha256Digest? Root => metadata.Root;
}
