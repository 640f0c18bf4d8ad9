using System.Security.Cryptography.X509Certificates;
using EdgeFleet.ControlPlane.Data;
using EdgeFleet.ControlPlane.Devices;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using Microsoft.EntityFrameworkCore;

namespace EdgeFleet.ControlPlane.Enrolment;

/// <summary>
/// Takes boards into the fleet by a token, by a key that was listed before, or by a person's approval: an id, a certificate and a row of
/// <see cref="Device"/>, all or nothing.
/// </summary>
internal sealed class EnrolmentCommands(
    IDbContextFactory<FleetContext> contexts, EnrolmentTokens tokens, EnrolmentAsks asks, DeviceAdder adder, EnrolmentAnswers answers)
{
    private const int CandidatesMax = 8;

    /// <summary>Enrols a board.</summary>
    /// <param name="request">Token, if any, and certificate signing request.</param>
    /// <param name="host">Host under which the board reached us; it goes on with it.</param>
    /// <param name="address">Where it comes from.</param>
    /// <param name="cancel">Stops waiting; nothing is then taken from the token.</param>
    public async Task<Enrolled> EnrolAsync(EnrolmentRequest request, string host, string address, CancellationToken cancel)
    {
        var (key, fault) = DeviceCertificates.KeyOf(request.Csr);
        if (key is null)
            return new Enrolled.Unusable(fault!);

        var board = new Board(request.Name ?? "", request.Hardware, request.Slots, key, Sha256Digest.Of(key.ExportSubjectPublicKeyInfo()));
        if (await AgainAsync(board, request.Token, host, cancel) is { } known)
            return known;

        // A board that asks twice at once finds its leave used, by itself.
        var ending = await TakeInAsync(board, request, host, address, cancel);
        return ending is Enrolled.Refused && await AgainAsync(board, request.Token, host, cancel) is { } meanwhile ? meanwhile : ending;
    }

    private async Task<Enrolled?> AgainAsync(Board board, string secret, string host, CancellationToken cancel) =>
        await adder.AgainAsync(board, secret, cancel) is { } known ? new Enrolled.Done(answers.For(known.Device, known.Certificate, host)) : null;

    private async Task<Enrolled> TakeInAsync(Board board, EnrolmentRequest request, string host, string address, CancellationToken cancel)
    {
        if (request.Replace && DeviceId.TryParse(request.Name, out var wished) && await adder.ExistsAsync(wished, cancel))
            return await ByApprovalAsync(board, host, address, replaces: true, cancel);

        if (request.Token.Length > 0)
            return await ByTokenAsync(board, request.Token, host, cancel);

        // No person is asked for a board that has come in meanwhile, by its own earlier call.
        return await ByListedKeyAsync(board, host, cancel) ?? await AgainAsync(board, request.Token, host, cancel) ?? await ByApprovalAsync(board, host, address, replaces: false, cancel);
    }

    private Task<Enrolled> ByTokenAsync(Board board, string secret, string host, CancellationToken cancel) =>
        UnderFreeIdAsync(board, board.Wish, host, async (db, _) => await tokens.TakeAsync(db, secret, cancel) switch
        {
            TokenTaken.Done { Token: var t } => new Leave.Given(t.Site, t.Tags, "token", t.Id, $"Enrolled with token {t.Id}, made by {t.CreatedBy}."),
            TokenTaken.Refused refused => new Leave.Refused(refused.Reason),
            var other => throw new InvalidOperationException($"{other.GetType().Name} is no ending of taking a token."),
        }, cancel);

    private async Task<Enrolled?> ByListedKeyAsync(Board board, string host, CancellationToken cancel)
    {
        ListedKey? listed;
        await using (var db = await contexts.CreateDbContextAsync(cancel))
            listed = await db.Set<ListedKey>().AsNoTracking().FirstOrDefaultAsync(k => k.Key == board.Digest && k.UsedBy == null, cancel);
        if (listed is null || (DeviceId.TryParse(listed.Name, out var named) && await adder.ExistsAsync(named, cancel)))
            return null; // A listed name that a device has already needs a person.

        return await UnderFreeIdAsync(board, listed.Name.Length > 0 ? listed.Name : board.Wish, host, async (db, id) =>
            await db.Set<ListedKey>().Where(k => k.Key == board.Digest && k.UsedBy == null).ExecuteUpdateAsync(k => k.SetProperty(x => x.UsedBy, (DeviceId?)id), cancel) == 1
                ? new Leave.Given(listed.Site, listed.Tags, "key", 0, $"Enrolled by its key, which {listed.AddedBy} had listed.")
                : new Leave.Refused("This key was listed for one board and has been used."), cancel);
    }

    private async Task<Enrolled> ByApprovalAsync(Board board, string host, string address, bool replaces, CancellationToken cancel)
    {
        switch (await asks.AskAsync(board, address, replaces, cancel))
        {
            case Asked.Waits:
                return new Enrolled.Pending(new EnrolmentPending { Key = board.Digest });
            case Asked.Refused refused:
                return new Enrolled.Refused(refused.Reason);
            case Asked.Full full:
                return new Enrolled.Busy(full.Reason);
            case Asked.Approved { Ask: { Replaces: true } ask }:
                return new Enrolled.Done(answers.For(ask.Device!.Value, await adder.ReplaceAsync(board, ask, cancel), host));
            case Asked.Approved { Ask: var ask }:
                return await UnderFreeIdAsync(board, ask.Device?.Value ?? board.Wish, host, async (db, id) =>
                    await db.Set<EnrolmentAsk>().Where(a => a.Id == ask.Id && a.State == EnrolmentAsk.Approved)
                        .ExecuteUpdateAsync(a => a.SetProperty(x => x.State, EnrolmentAsk.Enrolled).SetProperty(x => x.Device, (DeviceId?)id), cancel) == 1
                        ? new Leave.Given(ask.Site, ask.Tags, "approval", 0, $"Approved by {ask.DecidedBy}.")
                        : new Leave.Refused("The approval was taken back."), cancel);
            case var other:
                throw new InvalidOperationException($"{other.GetType().Name} is no ending of asking.");
        }
    }

    private async Task<Enrolled> UnderFreeIdAsync(Board board, string wish, string host, Func<FleetContext, DeviceId, Task<Leave>> leave, CancellationToken cancel)
    {
        foreach (var id in DeviceNames.Candidates(wish, board.Hardware).Take(CandidatesMax))
        {
            switch (await adder.TryAddAsync(id, board, leave, cancel))
            {
                case Added.Taken: continue;
                case Added.Refused refused: return new Enrolled.Refused(refused.Reason);
                case Added.Done done: return new Enrolled.Done(answers.For(id, done.Certificate, host));
            }
        }

        return new Enrolled.Unusable($"No free id was found near '{wish}'. Enrol under another name (--name).");
    }
}

/// <summary>A board that wants to come in.</summary>
internal sealed record Board(string Wish, string Hardware, IReadOnlyList<SlotName> Slots, PublicKey Key, Sha256Digest Digest);

/// <summary>How an enrolment ended.</summary>
internal abstract record Enrolled
{
    /// <summary>The board is in the fleet.</summary>
    public sealed record Done(EnrolmentResponse Answer) : Enrolled;

    /// <summary>A person has to decide; the board asks again.</summary>
    public sealed record Pending(EnrolmentPending Answer) : Enrolled;

    /// <summary>The token does not count, or a person said no.</summary>
    public sealed record Refused(string Reason) : Enrolled;

    /// <summary>Too many boards wait.</summary>
    public sealed record Busy(string Reason) : Enrolled;

    /// <summary>The request itself cannot be used.</summary>
    public sealed record Unusable(string Reason) : Enrolled;
}
