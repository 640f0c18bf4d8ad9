using System.Text.Json;
using EdgeFleet.ControlPlane.Data;
using EdgeFleet.ControlPlane.DeviceCommands;
using EdgeFleet.ControlPlane.Enrolment;
using EdgeFleet.ControlPlane.Telemetry;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using Microsoft.EntityFrameworkCore;

namespace EdgeFleet.ControlPlane.Devices;

/// <summary>Takes in what a device says of itself. Old sessions and old revisions change nothing.</summary>
internal sealed class DeviceIntake(IDbContextFactory<FleetContext> contexts, DesiredStore desired, CommandStore commands, AckCoalescer acks, TimeProvider time)
{
    /// <summary>Takes one message in.</summary>
    public Task TakeAsync(DeviceMessage message, CancellationToken cancel) => message switch
    {
        DeviceMessage.HelloSaid said => HelloAsync(said.Device, said.Hello, cancel),
        DeviceMessage.PresenceSaid said => ChangeAsync(said.Device, (_, device, now) => Take(device, said.Presence, now), cancel),
        DeviceMessage.CommandAnswered said => commands.TakeAnswerAsync(said.Device, said.Id, said.Result, cancel),
        DeviceMessage.StateReported said => ChangeAsync(said.Device, (db, device, now) => Take(db, device, said.State, now), cancel),
        _ => throw new ArgumentOutOfRangeException(nameof(message), message, null),
    };

    private async Task HelloAsync(DeviceId device, Hello hello, CancellationToken cancel)
    {
        var isCurrent = false;
        await ChangeAsync(device, (db, row, now) =>
        {
            NoteClone(db, row, hello, now);
            isCurrent = Take(db, row, hello, now);
            return true;
        }, cancel);
        if (!isCurrent)
            return;

        await using (var db = await contexts.CreateDbContextAsync(cancel))
        {
            acks.AnswerHello(device, hello.Epoch);
            foreach (var cursor in await db.Set<StreamCursor>().AsNoTracking().Where(c => c.Device == device && c.Epoch == hello.Epoch).ToListAsync(cancel))
                acks.Add(new StreamKey(device, cursor.Epoch, cursor.Stream), cursor.Acknowledged);
        }

        await desired.AnswerHelloAsync(device, hello.DesiredVersion, cancel);
        await commands.AnswerHelloAsync(device, hello.CommandNumber, cancel);
    }

    private static void NoteClone(FleetContext db, Device device, Hello hello, long now)
    {
        var seen = JsonSerializer.Deserialize<List<HelloSeen>>(device.RecentHellos) ?? [];
        var (remembered, evidence) = CloneDetector.Note(seen, hello with { Boot = Cut(hello.Boot) });
        device.RecentHellos = JsonSerializer.Serialize(remembered);
        if (evidence is not null && !device.IsCloned)
            DeviceStanding.MarkCloned(db, device, evidence, now);
    }

    private async Task<bool> ChangeAsync(DeviceId id, Func<FleetContext, Device, long, bool> take, CancellationToken cancel)
    {
        for (var tries = 1; ; tries++)
        {
            await using var db = await contexts.CreateDbContextAsync(cancel);
            if (await db.Set<Device>().Include(d => d.Slots).SingleOrDefaultAsync(d => d.Id == id, cancel) is not { } device
                || !take(db, device, time.GetUtcNow().ToUnixTimeMilliseconds()))
                return false;

            try
            {
                await db.SaveChangesAsync(cancel);
                return true;
            }
            catch (DbUpdateException) when (tries < 5)
            {
                // Somebody changed the row in this moment, for example enrolment: take the message in again on what stands now.
            }
        }
    }

    private static bool Take(FleetContext db, Device device, Hello hello, long now)
    {
        if (hello.Epoch == device.Epoch && hello.Session < device.Session)
            return false;

        foreach (var (what, text) in Changes(device, hello))
            db.Add(new DeviceHistory { Device = device.Id, At = now, What = what, Text = text });
        (device.Epoch, device.Boot, device.Session, device.Clock) = (hello.Epoch, Cut(hello.Boot), hello.Session, Cut(hello.Clock));
        (device.Agent, device.Os, device.Arch) = (Cut(hello.Agent), Cut(hello.Os), Cut(hello.Arch));
        if (hello.Hardware.Length > 0)
            device.Hardware = Cut(hello.Hardware);
        (device.Presence, device.PresenceAt) = ("ready", now);
        (device.HeldDesiredVersion, device.LastHeard) = (hello.DesiredVersion, now);
        foreach (var slot in hello.Slots.Where(s => device.Slots.TrueForAll(d => d.Slot != s)))
            device.Slots.Add(new DeviceSlot { Device = device.Id, Slot = slot });
        return true;
    }

    private static IEnumerable<(string What, string Text)> Changes(Device device, Hello hello)
    {
        if (device.Epoch is null)
            yield return ("connected", $"First contact: agent {Cut(hello.Agent)} on {Cut(hello.Hardware)} ({Cut(hello.Os)}, {Cut(hello.Arch)}).");
        else if (device.Epoch != hello.Epoch)
            yield return ("epoch", "The device came with a new store: the old one was lost, wiped or set aside. Its numbers begin again.");
        else if (device.Agent != hello.Agent)
            yield return ("agent", $"Agent {Cut(hello.Agent)} in place of {device.Agent}.");

        if (device.Epoch is not null && device.Boot != hello.Boot)
            yield return ("restarted", "The board started anew.");
    }

    private static bool Take(Device device, Presence presence, long now)
    {
        if (presence.Session < device.Session)
            return false;

        (device.Presence, device.PresenceAt) = (presence.State, now);
        if (presence.State != "lost")
            device.LastHeard = now;
        return true;
    }

    private static bool Take(FleetContext db, Device device, ReportedState reported, long now)
    {
        var sameEpoch = reported.Epoch == device.ReportedEpoch;
        if ((sameEpoch && reported.Revision <= device.ReportedRevision) || (!sameEpoch && device.Epoch is not null && reported.Epoch != device.Epoch))
            return false;

        (device.ReportedEpoch, device.ReportedRevision, device.LastHeard) = (reported.Epoch, reported.Revision, now);
        device.HeldDesiredVersion = Math.Max(device.HeldDesiredVersion, reported.DesiredVersion);
        device.DesiredError = reported.DesiredError;
        device.WarningsJson = JsonSerializer.Serialize(reported.Warnings, WireJson.Default.IReadOnlyListHealthWarning);
        device.PowerJson = reported.Power is { } power ? JsonSerializer.Serialize(power, WireJson.Default.ReportedPower) : null;
        foreach (var slot in reported.Slots)
        {
            if (device.Slots.Find(s => s.Slot == slot.Slot) is not { } row)
                device.Slots.Add(row = new DeviceSlot { Device = device.Id, Slot = slot.Slot });
            row.Take(slot, now);
        }

        foreach (var gone in device.Slots.Where(s => reported.Slots.All(r => r.Slot != s.Slot)).ToList())
            db.Remove(gone);
        return true;
    }

    private static string Cut(string text) => DatabaseText.Cut(text, 100);
}
