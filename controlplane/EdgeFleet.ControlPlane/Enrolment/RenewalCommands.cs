using EdgeFleet.ControlPlane.Data;
using EdgeFleet.Shared.Identity;
using Microsoft.EntityFrameworkCore;

namespace EdgeFleet.ControlPlane.Enrolment;

/// <summary>
/// Gives a device its next certificate. The one it has goes on counting until the new one is in use (<see cref="DeviceStanding.UsesAsync"/>), so a
/// board that loses the answer, or its power, is never left without one.
/// </summary>
internal sealed class RenewalCommands(IDbContextFactory<FleetContext> contexts, CertificateIssuer issuer, EnrolmentAnswers answers)
{
    /// <summary>Issues a certificate for a new key.</summary>
    public async Task<Enrolled> RenewAsync(DeviceId device, string csr, string host, CancellationToken cancel)
    {
        var (key, fault) = DeviceCertificates.KeyOf(csr);
        if (key is null)
            return new Enrolled.Unusable(fault!);

        await using var db = await contexts.CreateDbContextAsync(cancel);
        var digest = Sha256Digest.Of(key.ExportSubjectPublicKeyInfo());
        if (await db.Set<IssuedCertificate>().AnyAsync(c => c.Key == digest && (c.Device != device || c.Revoked != null), cancel))
            return new Enrolled.Unusable("This key was certified before and no longer counts, or is another device's. Make a new key.");

        using var certificate = issuer.Issue(db, device, key, "renewal", 0);
        await db.SaveChangesAsync(cancel);
        return new Enrolled.Done(answers.For(device, certificate, host));
    }
}
