using System.Text.Json;
using EdgeFleet.ControlPlane.Broker;
using EdgeFleet.ControlPlane.Data;
using EdgeFleet.ControlPlane.Devices;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Trust;
using Microsoft.EntityFrameworkCore;

namespace EdgeFleet.ControlPlane.DeviceCommands;

/// <summary>
/// Signs commands, sends them as soon as the device is connected, again after each hello, and takes the answers in. Numbers of a device's commands
/// only grow; a device that is ahead met this side before it was restored from a backup, and the numbers go on from the device's.
/// </summary>
internal sealed partial class CommandStore(IDbContextFactory<FleetContext> contexts, DesiredSigner signer, IDownlink downlink, TimeProvider time, ILogger<CommandStore> log)
{
    private const int TriesMax = 10;

    /// <summary>Signs a command that nobody has to approve any more, and sends it.</summary>
    /// <param name="id">The command.</param>
    /// <param name="heldNumber">Highest number that the device is known to hold.</param>
    /// <param name="cancel">Stops waiting.</param>
    public async Task ReleaseAsync(string id, long heldNumber, CancellationToken cancel)
    {
        for (var tries = 1; ; tries++)
        {
            await using var db = await contexts.CreateDbContextAsync(cancel);
            if (await db.Set<CommandEntry>().FirstOrDefaultAsync(c => c.Id == id && c.State == CommandEntry.Waiting, cancel) is not { } entry
                || await db.Set<Device>().FirstOrDefaultAsync(d => d.Id == entry.Device, cancel) is not { } device)
                return;

            device.CommandNumber = Math.Max(device.CommandNumber, heldNumber) + 1;
            entry.Number = device.CommandNumber;
            entry.Envelope = JsonSerializer.Serialize(
                signer.Sign(new DeviceCommand { Device = device.Id, Id = id, Number = entry.Number, Kind = entry.Kind }), WireJson.Default.Envelope);
            try
            {
                await db.SaveChangesAsync(cancel);
                await SendAsync(entry, cancel);
                return;
            }
            catch (DbUpdateConcurrencyException) when (tries < TriesMax)
            {
                // The device said something in this moment, or another command took the number.
            }
        }
    }

    /// <summary>Answers a hello: sends what waits, oldest first.</summary>
    public async Task AnswerHelloAsync(DeviceId device, long heldNumber, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        if (heldNumber > 0)
            await db.Set<Device>().Where(d => d.Id == device && d.CommandNumber < heldNumber).ExecuteUpdateAsync(d => d.SetProperty(x => x.CommandNumber, heldNumber), cancel);
        var waiting = await db.Set<CommandEntry>().AsNoTracking().Where(c => c.Device == device && c.State == CommandEntry.Waiting && c.Number > 0).OrderBy(c => c.Number).ToListAsync(cancel);
        foreach (var entry in waiting)
            await SendAsync(entry, cancel);
    }

    /// <summary>Takes an answer in. One to a command that does not wait changes nothing.</summary>
    public async Task TakeAnswerAsync(DeviceId device, string id, CommandResult result, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        if (await db.Set<CommandEntry>().FirstOrDefaultAsync(c => c.Id == id && c.Device == device && c.State == CommandEntry.Waiting, cancel) is not { } entry)
            return;

        if (result.State == "stale")
        {
            // Its number was used up on the device by a control plane that knew more than this one.
            if (result.Held >= entry.Number)
                await ReleaseAsync(id, result.Held, cancel);
            return;
        }

        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        (entry.State, entry.Ended, entry.Answer) = (result.State == "done" ? CommandEntry.Done : CommandEntry.Refused, now, DatabaseText.Cut(result.Text, 200));
        if (entry is { Kind: CommandKind.Wipe, State: CommandEntry.Done })
        {
            // Its identity is deleted: whoever shows it from now on has a copy.
            await db.Set<Device>().Where(d => d.Id == device && d.Revoked == null).ExecuteUpdateAsync(
                d => d.SetProperty(x => x.Revoked, now).SetProperty(x => x.RevokedReason, "it was wiped"), cancel);
        }

        db.Add(new DeviceHistory { Device = device, At = now, What = "command", Text = $"{entry.Kind}: {entry.State}. {entry.Answer}" });
        await db.SaveChangesAsync(cancel);
    }

    private async Task SendAsync(CommandEntry entry, CancellationToken cancel)
    {
        try
        {
            await downlink.SendCommandAsync(entry.Device, entry.Id, JsonSerializer.Deserialize(entry.Envelope, WireJson.Default.Envelope)!, cancel);
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            Log.CommandNotSent(log, entry.Kind, entry.Device, e);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "The command {Kind} was not sent to {Device}; it gets it after its next hello")]
        public static partial void CommandNotSent(ILogger logger, string kind, DeviceId device, Exception error);
    }
}
