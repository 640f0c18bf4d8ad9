using System.Text.Json;
using EdgeFleet.ControlPlane.Data;
using EdgeFleet.ControlPlane.Telemetry;
using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace EdgeFleet.ControlPlane.Devices;

/// <summary>What pages and the API show of devices.</summary>
internal sealed class DeviceQueries(IDbContextFactory<FleetContext> contexts, ITelemetryStore telemetry, IOptions<DeviceOptions> options, TimeProvider time)
{
    private const int HistoryMax = 100;
    private const int EnergyHours = 2;

    /// <summary>Devices that a selector chooses (null: all), by id.</summary>
    /// <exception cref="FormatException">The selector is not one; the text says what is wrong. Check with <see cref="DeviceSelector.TryParse"/> first.</exception>
    public Task<IReadOnlyList<DeviceSummary>> ListAsync(string? selector, CancellationToken cancel) =>
        DeviceSelector.TryParse(selector ?? "all", out var parsed, out var error) ? SelectAsync(parsed, cancel) : throw new FormatException(error);

    /// <summary>Devices that a selector chooses, by id.</summary>
    /// <param name="selector">The selector.</param>
    /// <param name="cancel">Stops waiting.</param>
    /// <param name="withRetired">True to list retired ones too.</param>
    public async Task<IReadOnlyList<DeviceSummary>> SelectAsync(DeviceSelector selector, CancellationToken cancel, bool withRetired = false)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var devices = await db.Set<Device>().AsNoTracking().Include(d => d.Slots).Where(d => withRetired || d.Retired == null).ToListAsync(cancel);
        var wishes = (await db.Set<DesiredWish>().AsNoTracking().ToListAsync(cancel)).ToLookup(w => w.Device);
        return [.. devices.Where(d => selector.Matches(FactsOf(d))).OrderBy(d => d.Id.Value, StringComparer.Ordinal).Select(d => Summarise(d, wishes[d.Id]))];
    }

    /// <summary>One device; null if there is none of this id.</summary>
    public async Task<DeviceDetail?> FindAsync(DeviceId id, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        if (await db.Set<Device>().AsNoTracking().Include(d => d.Slots).SingleOrDefaultAsync(d => d.Id == id, cancel) is not { } device)
            return null;

        var wishes = await db.Set<DesiredWish>().AsNoTracking().Where(w => w.Device == id).ToListAsync(cancel);
        var version = await db.Set<DesiredState>().Where(s => s.Device == id).Select(s => s.Version).SingleOrDefaultAsync(cancel);
        var cursors = await db.Set<StreamCursor>().AsNoTracking().Where(c => c.Device == id).OrderBy(c => c.Epoch).ThenBy(c => c.Stream).ToListAsync(cancel);
        var history = await db.Set<DeviceHistory>().AsNoTracking().Where(h => h.Device == id).OrderByDescending(h => h.Id).Take(HistoryMax).ToListAsync(cancel);
        var power = PowerOf(device);
        return new DeviceDetail(
            Summarise(device, wishes),
            device.Agent,
            device.Os,
            device.Arch,
            version,
            device.HeldDesiredVersion,
            TimeOf(device.Enrolled)!.Value,
            device.CertificateEnds is { } ends ? TimeOf(ends) : null,
            WarningsOf(device),
            [.. cursors.Select(c => new StreamSummary(c.Epoch, c.Stream, c.Acknowledged, c.Stored, c.Stepped, c.Acknowledged - c.Stored - c.Stepped))],
            [.. history.Select(h => new DeviceHistoryEntry(TimeOf(h.At)!.Value, h.What, h.Text))],
            power,
            await EnergyAsync(device, power, cancel));
    }

    /// <summary>Minute rows of a slot of the last hours; null if there is no such device.</summary>
    public async Task<SlotTelemetry?> TelemetryAsync(DeviceId id, SlotName slot, double hours, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        if (await db.Set<Device>().AsNoTracking().SingleOrDefaultAsync(d => d.Id == id, cancel) is not { } device)
            return null;

        var rows = await telemetry.MinutesAsync(id, slot, Ago(hours), cancel);
        return new SlotTelemetry(slot.Value, rows, SlotEnergy.Of(slot.Value, PowerOf(device), rows));
    }

    /// <summary>What a selector is asked about a device.</summary>
    public static SelectorFacts FactsOf(Device device) => new(device.Id.Value, device.Site, device.Tags, device.Hardware, [.. device.Slots.Select(s => s.Slot.Value)]);

    private async Task<IReadOnlyList<EnergySummary>> EnergyAsync(Device device, ReportedPower? power, CancellationToken cancel)
    {
        var energies = new List<EnergySummary>();
        foreach (var slot in device.Slots.OrderBy(s => s.Slot.Value, StringComparer.Ordinal))
            energies.Add(SlotEnergy.Of(slot.Slot.Value, power, await telemetry.MinutesAsync(device.Id, slot.Slot, Ago(EnergyHours), cancel)));
        return energies;
    }

    private long Ago(double hours) => time.GetUtcNow().AddHours(-hours).ToUnixTimeMilliseconds();

    private DeviceSummary Summarise(Device device, IEnumerable<DesiredWish> wishes)
    {
        var wished = wishes.ToDictionary(w => w.Slot, w => w.Package);
        var facts = new DeviceFacts(device.Presence, device.PresenceAt, device.LastHeard, [.. device.Slots.Select(s => s.State)]);
        return new DeviceSummary(
            device.Id.Value,
            device.Site,
            device.Tags,
            device.Hardware,
            device.Revoked is null ? DeviceStatePolicy.WordOf(DeviceStatePolicy.Decide(facts, options.Value, time.GetUtcNow())) : StandingOf(device)!,
            device.LastHeard == 0 ? null : TimeOf(device.LastHeard),
            [.. device.Slots.OrderBy(s => s.Slot.Value, StringComparer.Ordinal).Select(s => Summarise(s, wished.GetValueOrDefault(s.Slot)))],
            WarningsOf(device).Count)
        {
            Title = device.Title,
            CertificateEnds = device.CertificateEnds is { } ends ? TimeOf(ends) : null,
            Standing = StandingOf(device),
            StandingReason = device.Revoked is null ? device.QuarantineReason : device.RevokedReason,
        };
    }

    private static string? StandingOf(Device device) => device switch
    {
        { Retired: not null } => "retired",
        { Revoked: not null } => "revoked",
        { Quarantined: not null } => "quarantine",
        _ => null,
    };

    private static SlotSummary Summarise(DeviceSlot slot, string? desired) => new(
        slot.Slot.Value,
        desired,
        slot.Active,
        slot.Variant,
        slot.State,
        slot.Since == 0 ? null : TimeOf(slot.Since),
        slot.Candidate,
        slot.Reason,
        new SampleCounts { Read = slot.SamplesRead, Dropped = slot.SamplesDropped, Answered = slot.SamplesAnswered, Failed = slot.SamplesFailed, Waiting = slot.SamplesWaiting },
        slot.DriftJson is null ? null : JsonSerializer.Deserialize(slot.DriftJson, WireJson.Default.DriftReport),
        slot.Held,
        slot.Shadow);

    private static IReadOnlyList<HealthWarning> WarningsOf(Device device) =>
        JsonSerializer.Deserialize(device.WarningsJson, WireJson.Default.IReadOnlyListHealthWarning) ?? [];

    private static ReportedPower? PowerOf(Device device) =>
        device.PowerJson is { } json ? JsonSerializer.Deserialize(json, WireJson.Default.ReportedPower) : null;

    // Device clocks lie: a time that no calendar has is shown as none.
    private static DateTimeOffset? TimeOf(long unixMs) =>
        unixMs is >= -62_135_596_800_000 and <= 253_402_300_799_999 ? DateTimeOffset.FromUnixTimeMilliseconds(unixMs) : null;
}
