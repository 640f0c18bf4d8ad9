using System.Security.Cryptography.X509Certificates;
using EdgeFleet.ControlPlane.Data;
using EdgeFleet.ControlPlane.Devices;
using EdgeFleet.Shared.Identity;
using Microsoft.EntityFrameworkCore;

namespace EdgeFleet.ControlPlane.Enrolment;

/// <summary>
/// Whether a device may come in with a certificate that the handshake found to be ours. Asked of the database at every connection and every file,
/// so that revocation needs no list.
/// </summary>
internal sealed class DeviceAdmission(IDbContextFactory<FleetContext> contexts, DeviceStanding standing, TimeProvider time)
{
    /// <summary>Null when it may; otherwise why not.</summary>
    /// <param name="device">Whom the certificate names.</param>
    /// <param name="certificate">The certificate.</param>
    /// <param name="mayBeOver">True where one whose life is over is let in: to ask for its successor.</param>
    /// <param name="cancel">Stops waiting.</param>
    public async Task<string?> RefusalAsync(DeviceId device, X509Certificate2 certificate, bool mayBeOver, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        if (!mayBeOver && certificate.NotAfter <= now.LocalDateTime)
            return $"The certificate of {device} ended at {new DateTimeOffset(certificate.NotAfter):u}. It may only be renewed, which the agent does by itself (edgefleet-agent renew does it now).";

        await using var db = await contexts.CreateDbContextAsync(cancel);
        var found = await db.Set<Device>().AsNoTracking().Where(d => d.Id == device).Select(d => new { d.Revoked, d.Retired, d.RevokedReason }).FirstOrDefaultAsync(cancel);
        switch (found)
        {
            case null:
                return $"{device} is not enrolled here. Enrol it again with a new ticket.";
            case { Retired: not null }:
                return $"{device} was retired. To use the board again, enrol it anew.";
            case { Revoked: not null }:
                return $"{device} was shut out{(found.RevokedReason is { } why ? $" ({why})" : "")}. An operator has to admit it again (edgefleet device admit {device}), or enrol it anew.";
        }

        var serial = certificate.SerialNumber;
        var issued = await db.Set<IssuedCertificate>().AsNoTracking().FirstOrDefaultAsync(c => c.Serial == serial, cancel);
        switch (issued)
        {
            case null:
                await LearnAsync(db, device, certificate, now, cancel);
                return null;
            case { Revoked: not null } old:
                if (old.RevokedReason == DeviceStanding.Superseded)
                    await standing.NoteOldCertificateAsync(device, serial, cancel);
                return $"This certificate of {device} no longer counts ({old.RevokedReason}). If the board was restored from an old disk image, or copied, enrol it again with a new ticket and --force.";
            default:
                return issued.Device == device ? null : $"This certificate is not {device}'s.";
        }
    }

    // A control plane that was restored from a backup meets certificates that it issued after the backup. They are its own, by its CA's signature.
    private static async Task LearnAsync(FleetContext db, DeviceId device, X509Certificate2 certificate, DateTimeOffset now, CancellationToken cancel)
    {
        db.Add(new IssuedCertificate
        {
            Serial = certificate.SerialNumber,
            Device = device,
            Key = Sha256Digest.Of(certificate.PublicKey.ExportSubjectPublicKeyInfo()),
            Via = "learned",
            Issued = new DateTimeOffset(certificate.NotBefore).ToUnixTimeMilliseconds(),
            Ends = new DateTimeOffset(certificate.NotAfter).ToUnixTimeMilliseconds(),
        });
        db.Add(new DeviceHistory
        {
            Device = device,
            At = now.ToUnixTimeMilliseconds(),
            What = "certificate",
            Text = "The device came with a certificate of this CA that is not in the database: it was issued before the database was restored. It counts.",
        });
        try
        {
            await db.SaveChangesAsync(cancel);
        }
        catch (DbUpdateException)
        {
            // Another connection of the same device was faster.
        }
    }
}
