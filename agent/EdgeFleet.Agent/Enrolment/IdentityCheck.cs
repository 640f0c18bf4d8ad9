using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Trust;
using PublicKey = EdgeFleet.Shared.Trust.PublicKey;

namespace EdgeFleet.Agent.Enrolment;

/// <summary>Judges what a control plane answered to a request for a certificate. Pure.</summary>
internal static class IdentityCheck
{
    /// <summary>What is wrong with the answer; null when it is as it must be.</summary>
    /// <param name="assigned">The answer.</param>
    /// <param name="pin">The CA that counts.</param>
    /// <param name="key">Key that was to be certified.</param>
    /// <param name="time">When it is.</param>
    /// <param name="device">Whom it must be for; null when the control plane assigns that.</param>
    /// <exception cref="CryptographicException">A certificate in it cannot be read, or the CA is another one.</exception>
    public static string? FaultIn(EnrolmentResponse assigned, Sha256Digest pin, ECDsa key, JudgedTime time, DeviceId? device = null)
    {
        using var ca = PinnedCa.Read(assigned.Ca, pin);
        using var certificate = X509Certificate2.CreateFromPem(assigned.Certificate);
        using var certified = certificate.GetECDsaPublicKey();
        var between = new X509Certificate2Collection();
        between.ImportFromPem(assigned.Certificate);
        var name = certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false);
        // The other side's clock made it, and ours may be a little behind.
        var lenient = time with { IsLowerBound = true };
        return certified is null || PublicKey.Of(certified) != PublicKey.Of(key) ? "the certificate is for another key"
            : name != assigned.Device.Value ? $"the certificate is for '{name}' and the id is '{assigned.Device}'"
            : device is { } same && same != assigned.Device ? $"it is for '{assigned.Device}' and this is '{same}'"
            : !PinnedCa.IsIssuedBy(ca, certificate, PinnedCa.ClientPurpose, between.Skip(1), lenient) ? "the certificate is not by the pinned CA, or not valid at this board's time"
            : assigned.Keys.Count == 0 ? "it names no key that may sign desired documents"
            : null;
    }
}
