using System.Security.Cryptography.X509Certificates;
using EdgeFleet.ControlPlane.Broker;
using EdgeFleet.ControlPlane.Data;
using EdgeFleet.ControlPlane.Devices;
using EdgeFleet.Shared.Identity;
using Microsoft.EntityFrameworkCore;

namespace EdgeFleet.ControlPlane.Enrolment;

/// <summary>Writes a board into the database as a device, in one transaction with what lets it in.</summary>
internal sealed class DeviceAdder(IDbContextFactory<FleetContext> contexts, CertificateIssuer issuer, IDeviceConnections connections, TimeProvider time)
{
    private const int HardwareMax = 63;

    /// <summary>True when there is, or was, a device of this id.</summary>
    public async Task<bool> ExistsAsync(DeviceId id, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return await db.Set<Device>().AnyAsync(d => d.Id == id, cancel);
    }

    /// <summary>
    /// An answer can be lost on the way after the leave was used; the same key with the same token, or with none, is the same board asking again.
    /// Null when it is not.
    /// </summary>
    public async Task<(DeviceId Device, X509Certificate2 Certificate)?> AgainAsync(Board board, string secret, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var token = secret.Length == 0 ? null : await EnrolmentTokens.FindAsync(db, secret, cancel);
        if (secret.Length > 0 && (token is null || token.Expires <= Now))
            return null;

        var number = token?.Id ?? 0;
        var issued = await db.Set<IssuedCertificate>().AsNoTracking()
            .Where(c => c.Key == board.Digest && c.Revoked == null && (number == 0 || c.Token == number)).OrderByDescending(c => c.Issued).FirstOrDefaultAsync(cancel);
        if (issued is null || !await db.Set<Device>().AnyAsync(d => d.Id == issued.Device && d.Revoked == null, cancel))
            return null;

        var certificate = issuer.Issue(db, issued.Device, board.Key, issued.Via, issued.Token);
        await db.SaveChangesAsync(cancel);
        return (issued.Device, certificate);
    }

    /// <summary>Adds a device under an id.</summary>
    public async Task<Added> TryAddAsync(DeviceId id, Board board, Func<FleetContext, DeviceId, Task<Leave>> leave, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        if (await db.Set<Device>().AnyAsync(d => d.Id == id, cancel))
            return new Added.Taken();

        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var answer = await leave(db, id);
        if (answer is Leave.Refused refused)
            return new Added.Refused(refused.Reason);

        var given = (Leave.Given)answer;

        var device = new Device { Id = id, Site = given.Site, Tags = [.. given.Tags], Hardware = DatabaseText.Cut(board.Hardware, HardwareMax), Enrolled = Now };
        foreach (var slot in board.Slots.Distinct())
            device.Slots.Add(new DeviceSlot { Device = id, Slot = slot });
        var certificate = issuer.Issue(db, id, board.Key, given.Via, given.Token);
        (device.CertificateSerial, device.CertificateEnds) = (certificate.SerialNumber, new DateTimeOffset(certificate.NotAfter).ToUnixTimeMilliseconds());
        db.Add(device);
        db.Add(new DeviceHistory { Device = id, At = Now, What = "enrolled", Text = given.Text });
        try
        {
            await db.SaveChangesAsync(cancel);
        }
        catch (DbUpdateException) when (!cancel.IsCancellationRequested)
        {
            // Another board was faster with this id; the transaction takes the use of the leave back.
            return new Added.Taken();
        }

        await transaction.CommitAsync(cancel);
        return new Added.Done(certificate);
    }

    /// <summary>Gives a device's id to another board, as a person has approved: what counted before no longer does, the history stays.</summary>
    public async Task<X509Certificate2> ReplaceAsync(Board board, EnrolmentAsk ask, CancellationToken cancel)
    {
        var id = ask.Device!.Value;
        await using var db = await contexts.CreateDbContextAsync(cancel);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        await db.Set<IssuedCertificate>().Where(c => c.Device == id && c.Revoked == null).ExecuteUpdateAsync(
            c => c.SetProperty(x => x.Revoked, Now).SetProperty(x => x.RevokedReason, "another board has taken the id over"), cancel);
        await db.Set<EnrolmentAsk>().Where(a => a.Id == ask.Id).ExecuteUpdateAsync(a => a.SetProperty(x => x.State, EnrolmentAsk.Enrolled), cancel);
        var certificate = issuer.Issue(db, id, board.Key, "approval", 0);
        var (serial, ends) = (certificate.SerialNumber, new DateTimeOffset(certificate.NotAfter).ToUnixTimeMilliseconds());
        await db.Set<Device>().Where(d => d.Id == id).ExecuteUpdateAsync(
            d => d.SetProperty(x => x.CertificateSerial, serial).SetProperty(x => x.CertificateEnds, ends)
                .SetProperty(x => x.Revoked, (long?)null).SetProperty(x => x.RevokedReason, (string?)null).SetProperty(x => x.Retired, (long?)null)
                .SetProperty(x => x.IsCloned, false).SetProperty(x => x.Quarantined, (long?)null).SetProperty(x => x.QuarantineReason, (string?)null)
                .SetProperty(x => x.RecentHellos, "[]"),
            cancel);
        db.Add(new DeviceHistory { Device = id, At = Now, What = "enrolled", Text = $"Another board has taken this id over, approved by {ask.DecidedBy}." });
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        await connections.DisconnectAsync(id);
        return certificate;
    }

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();
}

/// <summary>What lets a board in.</summary>
internal abstract record Leave
{
    /// <summary>It may come in.</summary>
    /// <param name="Site">Site that it gets.</param>
    /// <param name="Tags">Tags that it gets.</param>
    /// <param name="Via">By what leave, as <see cref="IssuedCertificate.Via"/> says.</param>
    /// <param name="Token">Token, 0 for none.</param>
    /// <param name="Text">For its history.</param>
    public sealed record Given(string Site, IReadOnlyList<string> Tags, string Via, long Token, string Text) : Leave;

    /// <summary>It may not.</summary>
    public sealed record Refused(string Reason) : Leave;
}

/// <summary>How adding a device ended.</summary>
internal abstract record Added
{
    /// <summary>It is added.</summary>
    public sealed record Done(X509Certificate2 Certificate) : Added;

    /// <summary>The id is another's.</summary>
    public sealed record Taken : Added;

    /// <summary>There is no leave.</summary>
    public sealed record Refused(string Reason) : Added;
}
