using EdgeFleet.ControlPlane.Access;
using EdgeFleet.ControlPlane.Data;
using EdgeFleet.ControlPlane.Devices;
using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using Microsoft.EntityFrameworkCore;

namespace EdgeFleet.ControlPlane.DeviceCommands;

/// <summary>Where people ask for commands, approve them and take them back. Wiping a board needs two people.</summary>
internal sealed class CommandDesk(IDbContextFactory<FleetContext> contexts, CommandStore store, IAuditLog audit, TimeProvider time)
{
    private const int ListMax = 200;
    private const int WaitingPerDeviceMax = 10;

    /// <summary>Asks for a command.</summary>
    public async Task<CommandEnding> AskAsync(DeviceId device, CommandRequest request, Person who, CancellationToken cancel)
    {
        if (!CommandKind.All.Contains(request.Kind))
            return new CommandEnding.Refused($"There is no command '{request.Kind}'. There are: {string.Join(", ", CommandKind.All)}.");

        await using var db = await contexts.CreateDbContextAsync(cancel);
        if (await db.Set<Device>().AsNoTracking().FirstOrDefaultAsync(d => d.Id == device, cancel) is not { } found)
            return new CommandEnding.NotFound($"There is no device '{device}'.");
        if (found.Revoked is not null)
            return new CommandEnding.Refused($"{device} is shut out, so no command can reach it. Admit it first: edgefleet device admit {device}");
        if (await db.Set<CommandEntry>().CountAsync(c => c.Device == device && (c.State == CommandEntry.Waiting || c.State == CommandEntry.NeedsApproval), cancel) >= WaitingPerDeviceMax)
            return new CommandEnding.Refused($"{WaitingPerDeviceMax} commands wait for {device} already. Withdraw some: edgefleet device commands {device}");

        var entry = new CommandEntry
        {
            Id = Guid.NewGuid().ToString("n"),
            Device = device,
            Kind = request.Kind,
            Reason = DatabaseText.Cut(request.Reason ?? "", 200),
            State = request.Kind == CommandKind.Wipe ? CommandEntry.NeedsApproval : CommandEntry.Waiting,
            AskedBy = who.Name,
            Asked = Now,
        };
        db.Add(entry);
        db.Add(new DeviceHistory { Device = device, At = Now, What = "command", Text = $"{entry.Kind} asked for by {who.Name}{(entry.Reason.Length > 0 ? $": {entry.Reason}" : ".")}" });
        await db.SaveChangesAsync(cancel);
        await audit.RecordAsync(who.Name, $"command.{entry.Kind}", $"device {device}", entry.Reason, cancel);
        if (entry.State == CommandEntry.Waiting)
            await store.ReleaseAsync(entry.Id, 0, cancel);
        return await EndAsync(entry.Id, cancel);
    }

    /// <summary>Approves a command as the second person.</summary>
    public async Task<CommandEnding> ApproveAsync(string id, Person who, CancellationToken cancel)
    {
        var ending = await ChangeAsync(id, "approve", who, entry =>
        {
            if (entry.State != CommandEntry.NeedsApproval)
                return $"The command is '{entry.State}' and needs no approval.";
            if (string.Equals(entry.AskedBy, who.Name, StringComparison.OrdinalIgnoreCase))
                return $"{who.Name} asked for it; somebody else has to approve it.";
            (entry.State, entry.ApprovedBy) = (CommandEntry.Waiting, who.Name);
            return null;
        }, cancel);
        if (ending is not CommandEnding.Done)
            return ending;

        await store.ReleaseAsync(id, 0, cancel);
        return await EndAsync(id, cancel);
    }

    /// <summary>Takes a command back that the device has not answered. One that is on its way may still be done.</summary>
    public Task<CommandEnding> WithdrawAsync(string id, Person who, CancellationToken cancel) => ChangeAsync(id, "withdraw", who, entry =>
    {
        if (entry.State is not (CommandEntry.NeedsApproval or CommandEntry.Waiting))
            return $"The command is '{entry.State}' already.";
        (entry.State, entry.Ended, entry.Answer) = (CommandEntry.Withdrawn, Now, $"Withdrawn by {who.Name}.");
        return null;
    }, cancel);

    /// <summary>Commands of a device, or of all, the newest first.</summary>
    public async Task<IReadOnlyList<CommandSummary>> ListAsync(DeviceId? device, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var rows = db.Set<CommandEntry>().AsNoTracking();
        if (device is { } one)
            rows = rows.Where(c => c.Device == one);
        return [.. (await rows.OrderByDescending(c => c.Asked).Take(ListMax).ToListAsync(cancel)).Select(Summarise)];
    }

    private async Task<CommandEnding> ChangeAsync(string id, string verb, Person who, Func<CommandEntry, string?> change, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        if (await db.Set<CommandEntry>().FirstOrDefaultAsync(c => c.Id == id, cancel) is not { } entry)
            return new CommandEnding.NotFound($"There is no command '{id}'.");
        if (change(entry) is { } refusal)
            return new CommandEnding.Refused(refusal);

        try
        {
            await db.SaveChangesAsync(cancel);
        }
        catch (DbUpdateConcurrencyException)
        {
            return new CommandEnding.Refused("The command changed in this moment. Look at it again.");
        }

        await audit.RecordAsync(who.Name, $"command.{verb}", $"device {entry.Device}", $"{entry.Kind} {id}", cancel);
        return new CommandEnding.Done(Summarise(entry));
    }

    private async Task<CommandEnding> EndAsync(string id, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return new CommandEnding.Done(Summarise(await db.Set<CommandEntry>().AsNoTracking().SingleAsync(c => c.Id == id, cancel)));
    }

    private static CommandSummary Summarise(CommandEntry c) => new(
        c.Id, c.Device.Value, c.Kind, c.Reason, c.State, c.Number, c.AskedBy, DateTimeOffset.FromUnixTimeMilliseconds(c.Asked), c.ApprovedBy,
        c.Ended is { } ended ? DateTimeOffset.FromUnixTimeMilliseconds(ended) : null, c.Answer);

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();
}

/// <summary>How something about a command ended.</summary>
internal abstract record CommandEnding
{
    /// <summary>As asked.</summary>
    public sealed record Done(CommandSummary Command) : CommandEnding;

    /// <summary>It cannot be.</summary>
    public sealed record Refused(string Reason) : CommandEnding;

    /// <summary>There is no such device or command.</summary>
    public sealed record NotFound(string Reason) : CommandEnding;
}
