using System.Security.Cryptography.X509Certificates;
using EdgeFleet.ControlPlane.Data;
using EdgeFleet.ControlPlane.Devices;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace EdgeFleet.ControlPlane.Enrolment;

/// <summary>Takes boards into the fleet: a use of a token, an id, a certificate and a row of <see cref="Device"/>, all or nothing.</summary>
internal sealed class EnrolmentCommands(
    IDbContextFactory<FleetContext> contexts, EnrolmentTokens tokens, DeviceCertificates certificates, EnrolmentAnswers answers, TimeProvider time)
{
    private const int CandidatesMax = 8;

    /// <summary>Enrols a board.</summary>
    /// <param name="request">Token and certificate signing request.</param>
    /// <param name="host">Host under which the board reached us; it goes on with it.</param>
    /// <param name="cancel">Stops waiting; nothing is then taken from the token.</param>
    public async Task<Enrolled> EnrolAsync(EnrolmentRequest request, string host, CancellationToken cancel)
    {
        var (key, fault) = DeviceCertificates.KeyOf(request.Csr);
        if (key is null)
            return new Enrolled.Unusable(fault!);

        if (await AgainAsync(request, key, cancel) is { } known)
            return new Enrolled.Done(answers.For(known.Device, known.Certificate, host));

        foreach (var id in DeviceNames.Candidates(request.Name, request.Hardware).Take(CandidatesMax))
        {
            switch (await TryAsAsync(id, request, key, cancel))
            {
                case Attempt.Taken: continue;
                case Attempt.Refused refused: return new Enrolled.Refused(refused.Reason);
                case Attempt.Done done: return new Enrolled.Done(answers.For(id, done.Certificate, host));
            }
        }

        return new Enrolled.Unusable($"No free id was found near '{request.Name}'. Enrol under another name (--name).");
    }

    // An answer can be lost on the way after the token was used; the same key with the same token is the same board asking again.
    private async Task<(DeviceId Device, X509Certificate2 Certificate)?> AgainAsync(EnrolmentRequest request, PublicKey key, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        if (await EnrolmentTokens.FindAsync(db, request.Token, cancel) is not { } token || token.Expires <= time.GetUtcNow().ToUnixTimeMilliseconds())
            return null;

        var digest = Sha256Digest.Of(key.ExportSubjectPublicKeyInfo());
        var issued = await db.Set<IssuedCertificate>().AsNoTracking().FirstOrDefaultAsync(c => c.Token == token.Id && c.Key == digest, cancel);
        if (issued is null || await db.Set<Device>().FirstOrDefaultAsync(d => d.Id == issued.Device && d.Revoked == null, cancel) is not { } device)
            return null;

        var certificate = Issue(db, device, key, token.Id);
        await db.SaveChangesAsync(cancel);
        return (device.Id, certificate);
    }

    private async Task<Attempt> TryAsAsync(DeviceId id, EnrolmentRequest request, PublicKey key, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        if (await db.Set<Device>().AnyAsync(d => d.Id == id, cancel))
            return new Attempt.Taken();

        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        switch (await tokens.TakeAsync(db, request.Token, cancel))
        {
            case TokenTaken.Refused refused:
                return new Attempt.Refused(refused.Reason);
            case TokenTaken.Done taken:
                return await AddAsync(db, transaction, id, request, key, taken.Token, cancel);
            case var other:
                throw new InvalidOperationException($"{other.GetType().Name} is no ending of taking a token.");
        }
    }

    private async Task<Attempt> AddAsync(
        FleetContext db, IDbContextTransaction transaction, DeviceId id, EnrolmentRequest request, PublicKey key, EnrolmentToken token, CancellationToken cancel)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var device = new Device { Id = id, Site = token.Site, Tags = [.. token.Tags], Hardware = request.Hardware, Enrolled = now };
        foreach (var slot in request.Slots.Distinct())
            device.Slots.Add(new DeviceSlot { Device = id, Slot = slot });
        var certificate = Issue(db, device, key, token.Id);
        db.Add(device);
        db.Add(new DeviceHistory { Device = id, At = now, What = "enrolled", Text = $"Enrolled with token {token.Id}, made by {token.CreatedBy}." });
        try
        {
            await db.SaveChangesAsync(cancel);
        }
        catch (DbUpdateException) when (!cancel.IsCancellationRequested)
        {
            // Another board was faster with this id; the transaction takes the use of the token back.
            return new Attempt.Taken();
        }

        await transaction.CommitAsync(cancel);
        return new Attempt.Done(certificate);
    }

    private X509Certificate2 Issue(FleetContext db, Device device, PublicKey key, long token)
    {
        var certificate = certificates.Issue(device.Id, key);
        var ends = new DateTimeOffset(certificate.NotAfter).ToUnixTimeMilliseconds();
        (device.CertificateSerial, device.CertificateEnds) = (certificate.SerialNumber, ends);
        db.Add(new IssuedCertificate
        {
            Serial = certificate.SerialNumber,
            Device = device.Id,
            Key = Sha256Digest.Of(key.ExportSubjectPublicKeyInfo()),
            Token = token,
            Issued = time.GetUtcNow().ToUnixTimeMilliseconds(),
            Ends = ends,
        });
        return certificate;
    }

    private abstract record Attempt
    {
        public sealed record Done(X509Certificate2 Certificate) : Attempt;

        public sealed record Taken : Attempt;

        public sealed record Refused(string Reason) : Attempt;
    }
}

/// <summary>How an enrolment ended.</summary>
internal abstract record Enrolled
{
    /// <summary>The board is in the fleet.</summary>
    public sealed record Done(EnrolmentResponse Answer) : Enrolled;

    /// <summary>The token does not count.</summary>
    public sealed record Refused(string Reason) : Enrolled;

    /// <summary>The request itself cannot be used.</summary>
    public sealed record Unusable(string Reason) : Enrolled;
}
