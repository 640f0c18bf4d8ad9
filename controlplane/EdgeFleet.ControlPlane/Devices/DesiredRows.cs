using System.Text.Json;
using EdgeFleet.ControlPlane.Data;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Trust;
using Microsoft.EntityFrameworkCore;

namespace EdgeFleet.ControlPlane.Devices;

/// <summary>Documents and wishes of some devices as one transaction sees them.</summary>
internal sealed class DesiredRows
{
    private readonly FleetContext _db;
    private readonly Dictionary<DeviceId, long> _held;
    private readonly Dictionary<DeviceId, DesiredState> _states;
    private readonly List<DesiredWish> _wishes;

    private DesiredRows(FleetContext db, Dictionary<DeviceId, long> held, Dictionary<DeviceId, DesiredState> states, List<DesiredWish> wishes) =>
        (_db, _held, _states, _wishes) = (db, held, states, wishes);

    /// <summary>Reads the rows.</summary>
    public static async Task<DesiredRows> LoadAsync(FleetContext db, IReadOnlyList<DeviceId> devices, CancellationToken cancel) => new(
        db,
        await db.Set<Device>().Where(d => devices.Contains(d.Id) && d.Revoked == null).ToDictionaryAsync(d => d.Id, d => d.HeldDesiredVersion, cancel),
        await db.Set<DesiredState>().Where(s => devices.Contains(s.Device)).ToDictionaryAsync(s => s.Device, cancel),
        await db.Set<DesiredWish>().Where(w => devices.Contains(w.Device)).ToListAsync(cancel));

    /// <summary>True for an enrolled device that is not shut out.</summary>
    public bool Knows(DeviceId device) => _held.ContainsKey(device);

    /// <summary>Version of the document that stands, 0 for none.</summary>
    public long VersionOf(DeviceId device) => _states.GetValueOrDefault(device)?.Version ?? 0;

    /// <summary>Version of the next document: above the one that stands and above what the device holds.</summary>
    public long NextVersionOf(DeviceId device) => Math.Max(VersionOf(device), _held.GetValueOrDefault(device)) + 1;

    /// <summary>Sets a wish; false when it stands already or a newer rollout holds the slot.</summary>
    public bool Wish(DeviceId device, DesiredSlot wish)
    {
        var row = RowOf(device, wish.Slot);
        var json = JsonSerializer.Serialize(wish, WireJson.Default.DesiredSlot);
        if (row is not null && (row.Rollout > wish.Rollout || row.Wish == json))
            return false;

        if (row is null)
        {
            row = new DesiredWish { Device = device, Slot = wish.Slot };
            _wishes.Add(row);
            _db.Add(row);
        }

        (row.Rollout, row.Package, row.Wish) = (wish.Rollout, wish.Package.Label, json);
        return true;
    }

    /// <summary>Takes a rollout's wish back; false when there is none.</summary>
    public bool Withdraw(DeviceId device, SlotName slot, long rollout)
    {
        if (RowOf(device, slot) is not { Wish: not null } row || row.Rollout != rollout)
            return false;

        (row.Package, row.Wish) = (null, null);
        return true;
    }

    /// <summary>Signs the document of the wishes as they stand now.</summary>
    public void Sign(DeviceId device, long version, DesiredSigner signer, long now)
    {
        var wishes = _wishes.Where(w => w.Device == device).ToList();
        foreach (var wish in wishes.Where(w => _db.Entry(w).State is EntityState.Added or EntityState.Modified))
            wish.At = now;

        if (!_states.TryGetValue(device, out var state))
        {
            _states[device] = state = new DesiredState { Device = device };
            _db.Add(state);
        }

        var document = new DesiredDocument
        {
            Device = device,
            Version = version,
            Slots = [.. wishes.Where(w => w.Wish is not null).Select(w => JsonSerializer.Deserialize(w.Wish!, WireJson.Default.DesiredSlot)!).OrderBy(s => s.Slot.Value, StringComparer.Ordinal)],
        };
        (state.Version, state.At) = (version, now);
        state.Envelope = JsonSerializer.Serialize(signer.Sign(document), WireJson.Default.Envelope);
    }

    /// <summary>The signed document that stands.</summary>
    public (DeviceId Device, Envelope Document) DocumentOf(DeviceId device) =>
        (device, JsonSerializer.Deserialize(_states[device].Envelope, WireJson.Default.Envelope)!);

    private DesiredWish? RowOf(DeviceId device, SlotName slot) => _wishes.Find(w => w.Device == device && w.Slot == slot);
}
