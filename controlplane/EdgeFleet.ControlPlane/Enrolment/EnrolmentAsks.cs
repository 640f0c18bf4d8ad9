using EdgeFleet.ControlPlane.Access;
using EdgeFleet.ControlPlane.Data;
using EdgeFleet.ControlPlane.Devices;
using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace EdgeFleet.ControlPlane.Enrolment;

/// <summary>Boards that wait for a person: kept, bounded, decided.</summary>
internal sealed class EnrolmentAsks(IDbContextFactory<FleetContext> contexts, IOptions<EnrolmentOptions> options, TimeProvider time)
{
    /// <summary>A board asks, or asks again.</summary>
    public async Task<Asked> AskAsync(Board board, string address, bool replaces, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var old = Now - (long)TimeSpan.FromHours(options.Value.WaitingHours).TotalMilliseconds;
        await db.Set<EnrolmentAsk>().Where(a => a.LastAsked < old && a.State != EnrolmentAsk.Approved).ExecuteDeleteAsync(cancel);
        var ask = await db.Set<EnrolmentAsk>().FirstOrDefaultAsync(a => a.Key == board.Digest, cancel);
        if (ask is { State: EnrolmentAsk.Enrolled })
        {
            // Its certificate was revoked since, or it would not ask: it has to be decided anew.
            db.Remove(ask);
            ask = null;
        }

        if (ask is null)
        {
            if (await db.Set<EnrolmentAsk>().CountAsync(a => a.State == EnrolmentAsk.Waiting, cancel) >= options.Value.WaitingMax)
                return new Asked.Full($"{options.Value.WaitingMax} boards wait for approval already (Enrolment:WaitingMax). Decide some of them: edgefleet enrol waiting");
            ask = new EnrolmentAsk { Key = board.Digest, Asked = Now };
            db.Add(ask);
        }

        ask.LastAsked = Now;
        if (ask.State == EnrolmentAsk.Waiting)
            (ask.Wish, ask.Hardware, ask.Address, ask.Replaces) = (DatabaseText.Cut(board.Wish, 63), DatabaseText.Cut(board.Hardware, 63), address, replaces);
        try
        {
            await db.SaveChangesAsync(cancel);
        }
        catch (DbUpdateException) when (!cancel.IsCancellationRequested)
        {
            return new Asked.Waits(); // The same board asked twice at once, or was decided in this moment; it asks again.
        }

        return ask.State switch
        {
            EnrolmentAsk.Approved => new Asked.Approved(ask),
            EnrolmentAsk.Refused => new Asked.Refused($"{ask.DecidedBy} has refused this board{(ask.Reason is { Length: > 0 } why ? $": {why}" : ".")}"),
            _ => new Asked.Waits(),
        };
    }

    /// <summary>Those that ask, the oldest first; decided ones too.</summary>
    public async Task<IReadOnlyList<EnrolmentAskSummary>> ListAsync(CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return [.. (await db.Set<EnrolmentAsk>().AsNoTracking().OrderBy(a => a.Id).ToListAsync(cancel)).Select(Summarise)];
    }

    /// <summary>Lets a board in; it gets its certificate when it asks the next time.</summary>
    public Task<AskDecided> ApproveAsync(long id, EnrolmentApproval approval, string who, CancellationToken cancel) => DecideAsync(id, async (db, ask) =>
    {
        var name = approval.Name is { Length: > 0 } given ? given : ask.Wish;
        if ((TokenRules.FaultIn(approval.Site, approval.Tags) ?? SiteScope.FaultIn(approval.Site)) is { } fault)
            return fault;
        if (approval.Name is { Length: > 0 } wrong && !DeviceId.TryParse(wrong, out _))
            return $"'{wrong}' is not an id: 3 to 63 characters of a-z, 0-9 and '-', beginning with a letter or digit.";
        var exists = DeviceId.TryParse(name, out var device) && await db.Set<Device>().AnyAsync(d => d.Id == device, cancel);
        if (exists && !ask.Replaces)
            return $"There is a device {device} already. Approve the board under another name (--name), or let it ask with --replace to take the id over.";

        (ask.State, ask.DecidedBy, ask.Decided, ask.Device) = (EnrolmentAsk.Approved, who, Now, device.Value is null ? null : device);
        (ask.Site, ask.Tags, ask.Replaces) = (approval.Site ?? "", [.. approval.Tags ?? []], exists);
        return null;
    }, cancel);

    /// <summary>Turns a board away; it is told so, with the reason.</summary>
    public Task<AskDecided> RefuseAsync(long id, string? reason, string who, CancellationToken cancel) => DecideAsync(id, (_, ask) =>
    {
        (ask.State, ask.DecidedBy, ask.Decided, ask.Reason) = (EnrolmentAsk.Refused, who, Now, DatabaseText.Cut(reason ?? "", 200));
        return Task.FromResult<string?>(null);
    }, cancel);

    private async Task<AskDecided> DecideAsync(long id, Func<FleetContext, EnrolmentAsk, Task<string?>> decide, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        if (await db.Set<EnrolmentAsk>().FirstOrDefaultAsync(a => a.Id == id, cancel) is not { } ask)
            return new AskDecided.NotFound($"No board waits under number {id}. It may have stopped asking: edgefleet enrol waiting");
        if (ask.State != EnrolmentAsk.Waiting)
            return new AskDecided.Refused($"Number {id} is {ask.State} already, by {ask.DecidedBy ?? "itself"}.");
        if (await decide(db, ask) is { } fault)
            return new AskDecided.Refused(fault);

        try
        {
            await db.SaveChangesAsync(cancel);
            return new AskDecided.Done(Summarise(ask));
        }
        catch (DbUpdateConcurrencyException)
        {
            return new AskDecided.Refused($"Number {id} changed in this moment. Look at it again: edgefleet enrol waiting");
        }
    }

    private static EnrolmentAskSummary Summarise(EnrolmentAsk a) => new(
        a.Id, a.Key.Value, a.Wish, a.Hardware, a.Address, a.State, a.Replaces, DateTimeOffset.FromUnixTimeMilliseconds(a.Asked), DateTimeOffset.FromUnixTimeMilliseconds(a.LastAsked), a.Device?.Value, a.DecidedBy, a.Reason);

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();
}

/// <summary>How asking ended.</summary>
internal abstract record Asked
{
    /// <summary>Nobody has decided yet.</summary>
    public sealed record Waits : Asked;

    /// <summary>It may come in.</summary>
    public sealed record Approved(EnrolmentAsk Ask) : Asked;

    /// <summary>A person said no.</summary>
    public sealed record Refused(string Reason) : Asked;

    /// <summary>Too many wait.</summary>
    public sealed record Full(string Reason) : Asked;
}

/// <summary>How a decision ended.</summary>
internal abstract record AskDecided
{
    /// <summary>It is decided.</summary>
    public sealed record Done(EnrolmentAskSummary Ask) : AskDecided;

    /// <summary>It cannot be decided so.</summary>
    public sealed record Refused(string Reason) : AskDecided;

    /// <summary>There is no such board.</summary>
    public sealed record NotFound(string Reason) : AskDecided;
}
