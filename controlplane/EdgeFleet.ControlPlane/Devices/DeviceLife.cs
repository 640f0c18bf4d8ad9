using System.Text.Json;
using EdgeFleet.ControlPlane.Access;
using EdgeFleet.ControlPlane.Broker;
using EdgeFleet.ControlPlane.Data;
using EdgeFleet.ControlPlane.Enrolment;
using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Identity;
using Microsoft.EntityFrameworkCore;

namespace EdgeFleet.ControlPlane.Devices;

/// <summary>Changes how a device stands in the fleet. Every change has a reason, an entry in the audit log and one in the device's history.</summary>
internal sealed class DeviceLife(
    IDbContextFactory<FleetContext> contexts, IDeviceConnections connections, DeviceQueries queries, IAuditLog audit, LifeSetting setting)
{
    private const int ReasonMax = 200;

    /// <summary>Shuts a device out: its connection is cut, and it is refused from then on.</summary>
    public Task<DeviceEnding> RevokeAsync(DeviceId id, string? reason, Person who, CancellationToken cancel) =>
        ShutOutAsync(id, "revoke", reason, who, retire: false, cancel);

    /// <summary>Shuts a device out for good and takes it out of the lists.</summary>
    public Task<DeviceEnding> RetireAsync(DeviceId id, string? reason, Person who, CancellationToken cancel) =>
        ShutOutAsync(id, "retire", reason, who, retire: true, cancel);

    /// <summary>Lets a device in again. Certificates that were replaced stay out.</summary>
    public Task<DeviceEnding> AdmitAsync(DeviceId id, string? reason, Person who, CancellationToken cancel) => ChangeAsync(id, "admit", reason, who, (_, device) =>
    {
        if (device.Revoked is null)
            return $"{id} is not shut out.";
        if (device.Retired is not null)
            return $"{id} was retired; retired devices are enrolled anew.";
        (device.Revoked, device.RevokedReason) = (null, null);
        return null;
    }, cancel);

    /// <summary>Marks a device; it goes on working.</summary>
    public Task<DeviceEnding> QuarantineAsync(DeviceId id, string? reason, Person who, CancellationToken cancel) => ChangeAsync(id, "quarantine", reason, who, (now, device) =>
    {
        if (device.Quarantined is not null)
            return $"{id} is in quarantine already: {device.QuarantineReason}";
        (device.Quarantined, device.QuarantineReason) = (now, $"{Cut(reason) ?? "No reason was given."} By {who.Name}; ends with: edgefleet device release {id}");
        return null;
    }, cancel);

    /// <summary>Ends a quarantine, and the doubt whether there are two of the device.</summary>
    public Task<DeviceEnding> ReleaseAsync(DeviceId id, string? reason, Person who, CancellationToken cancel) => ChangeAsync(id, "release", reason, who, (_, device) =>
    {
        if (device.Quarantined is null)
            return $"{id} is not in quarantine.";
        (device.Quarantined, device.QuarantineReason, device.IsCloned, device.RecentHellos) = (null, null, false, JsonSerializer.Serialize(CloneDetector.Settle(device.Session)));
        return null;
    }, cancel);

    /// <summary>Gives a device another site, other tags or another name for people. Its id is the name in its certificate and the key of its records, and stays.</summary>
    public Task<DeviceEnding> TransferAsync(DeviceId id, TransferRequest request, Person who, CancellationToken cancel) =>
        ChangeAsync(id, "transfer", $"site {request.Site ?? "as before"}, tags {(request.Tags is { } t ? string.Join(' ', t) : "as before")}, name {request.Title ?? "as before"}", who, (_, device) =>
        {
            if ((TokenRules.FaultIn(request.Site, request.Tags) ?? SiteScope.FaultIn(request.Site ?? device.Site)) is { } fault)
                return fault;
            if (request.Title is { Length: > 100 })
                return "The name is longer than 100 characters.";
            (device.Site, device.Title) = (request.Site ?? device.Site, request.Title ?? device.Title);
            if (request.Tags is { } tags)
                device.Tags = [.. tags.Distinct()];
            return null;
        }, cancel);

    private async Task<DeviceEnding> ShutOutAsync(DeviceId id, string verb, string? reason, Person who, bool retire, CancellationToken cancel)
    {
        var ending = await ChangeAsync(id, verb, reason, who, (now, device) =>
        {
            if (retire ? device.Retired is not null : device.Revoked is not null)
                return retire ? $"{id} is retired already." : $"{id} is shut out already: {device.RevokedReason}";
            (device.Revoked, device.RevokedReason) = (device.Revoked ?? now, Cut(reason) ?? $"by {who.Name}");
            if (retire)
                device.Retired = now;
            return null;
        }, cancel);
        if (ending is DeviceEnding.Done)
        {
            setting.Known.Forget(id);
            await connections.DisconnectAsync(id);
        }

        return ending;
    }

    private async Task<DeviceEnding> ChangeAsync(
        DeviceId id, string verb, string? detail, Person who, Func<long, Device, string?> change, CancellationToken cancel)
    {
        for (var tries = 1; ; tries++)
        {
            await using var db = await contexts.CreateDbContextAsync(cancel);
            if (await db.Set<Device>().FirstOrDefaultAsync(d => d.Id == id, cancel) is not { } device)
                return new DeviceEnding.NotFound();

            var now = setting.Time.GetUtcNow().ToUnixTimeMilliseconds();
            if (change(now, device) is { } refusal)
                return new DeviceEnding.Refused(refusal);

            db.Add(new DeviceHistory { Device = id, At = now, What = verb, Text = $"{Past(verb)} by {who.Name}{(Cut(detail) is { } why ? $": {why}" : ".")}" });
            try
            {
                await db.SaveChangesAsync(cancel);
            }
            catch (DbUpdateConcurrencyException) when (tries < 5)
            {
                continue; // The device said something in this moment.
            }

            await audit.RecordAsync(who.Name, $"device.{verb}", $"device {id}", Cut(detail), cancel);
            return new DeviceEnding.Done((await queries.FindAsync(id, cancel))!.Device);
        }
    }

    private static string Past(string verb) => verb switch
    {
        "revoke" => "Shut out",
        "admit" => "Admitted again",
        "quarantine" => "Put into quarantine",
        "release" => "Released from quarantine",
        "retire" => "Retired",
        _ => "Transferred",
    };

    private static string? Cut(string? text) => string.IsNullOrWhiteSpace(text) ? null : DatabaseText.Cut(text.Trim(), ReasonMax);
}

/// <summary>What a change of standing needs beside the database.</summary>
internal sealed record LifeSetting(KnownDevices Known, TimeProvider Time);

/// <summary>How a change of a device ended.</summary>
internal abstract record DeviceEnding
{
    /// <summary>It is changed.</summary>
    public sealed record Done(DeviceSummary Device) : DeviceEnding;

    /// <summary>It stands otherwise than was thought.</summary>
    public sealed record Refused(string Reason) : DeviceEnding;

    /// <summary>There is no such device.</summary>
    public sealed record NotFound : DeviceEnding;
}
