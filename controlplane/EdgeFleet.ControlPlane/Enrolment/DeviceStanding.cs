using System.Security.Cryptography.X509Certificates;
using EdgeFleet.ControlPlane.Data;
using EdgeFleet.ControlPlane.Devices;
using EdgeFleet.Shared.Identity;
using Microsoft.EntityFrameworkCore;

namespace EdgeFleet.ControlPlane.Enrolment;

/// <summary>Keeps which certificate a device uses, and marks a device of whose identity there are two.</summary>
internal sealed partial class DeviceStanding(IDbContextFactory<FleetContext> contexts, TimeProvider time, ILogger<DeviceStanding> log)
{
    /// <summary>Why a certificate no longer counts whose successor is in use.</summary>
    public const string Superseded = "a newer one is in use";

    /// <summary>Takes note that a device has connected with a certificate: earlier ones no longer count from then on.</summary>
    public async Task UsesAsync(DeviceId device, X509Certificate2 certificate, CancellationToken cancel)
    {
        var serial = certificate.SerialNumber;
        await using var db = await contexts.CreateDbContextAsync(cancel);
        if (await db.Set<Device>().AnyAsync(d => d.Id == device && d.CertificateSerial == serial, cancel)
            || await db.Set<IssuedCertificate>().AsNoTracking().FirstOrDefaultAsync(c => c.Serial == serial, cancel) is not { } used)
            return;

        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        await db.Set<Device>().Where(d => d.Id == device).ExecuteUpdateAsync(
            d => d.SetProperty(x => x.CertificateSerial, serial).SetProperty(x => x.CertificateEnds, used.Ends), cancel);
        var replaced = await db.Set<IssuedCertificate>()
            .Where(c => c.Device == device && c.Serial != serial && c.Revoked == null && c.Issued <= used.Issued)
            .ExecuteUpdateAsync(c => c.SetProperty(x => x.Revoked, Now).SetProperty(x => x.RevokedReason, Superseded), cancel);
        if (replaced > 0)
        {
            db.Add(new DeviceHistory { Device = device, At = Now, What = "certificate", Text = $"A new certificate is in use, until {DateTimeOffset.FromUnixTimeMilliseconds(used.Ends):u}." });
            await db.SaveChangesAsync(cancel);
        }

        await transaction.CommitAsync(cancel);
    }

    /// <summary>True when two boards came with this device's identity and nobody has cleared that up.</summary>
    public async Task<bool> IsClonedAsync(DeviceId device, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return await db.Set<Device>().AnyAsync(d => d.Id == device && d.IsCloned, cancel);
    }

    /// <summary>Somebody came with a certificate that its device has replaced: a copied disk, or one restored from an old image.</summary>
    public Task NoteOldCertificateAsync(DeviceId device, string serial, CancellationToken cancel) => MarkClonedAsync(
        device, $"Somebody came with certificate {serial}, which {device} has replaced since: its disk was copied, or was restored from an old image.", cancel);

    /// <summary>Marks a tracked device of whose identity there are two; the caller saves.</summary>
    public static void MarkCloned(FleetContext db, Device device, string evidence, long now)
    {
        var text = $"{evidence} {Remedy(device.Id)}";
        (device.IsCloned, device.Quarantined, device.QuarantineReason) = (true, device.Quarantined ?? now, text);
        db.Add(new DeviceHistory { Device = device.Id, At = now, What = "cloned", Text = text });
    }

    private async Task MarkClonedAsync(DeviceId id, string evidence, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        if (await db.Set<Device>().FirstOrDefaultAsync(d => d.Id == id && !d.IsCloned, cancel) is not { } device)
            return;

        MarkCloned(db, device, evidence, Now);
        try
        {
            await db.SaveChangesAsync(cancel);
            Log.IdentityCloned(log, id, evidence);
        }
        catch (DbUpdateConcurrencyException)
        {
            // The device said something in this moment; whoever came will come again, and is noted then.
        }
    }

    private static string Remedy(DeviceId device) =>
        $"Enrol the copy as a board of its own (a new ticket, edgefleet-agent enrol TICKET --force), then: edgefleet device release {device}. If you do not know the copy, shut both out: edgefleet device revoke {device}";

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "IdentityCloned: {Device}: {Evidence}")]
        public static partial void IdentityCloned(ILogger logger, DeviceId device, string evidence);
    }
}
