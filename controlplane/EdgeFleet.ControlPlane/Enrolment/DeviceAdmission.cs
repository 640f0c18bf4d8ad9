using EdgeFleet.ControlPlane.Data;
using EdgeFleet.ControlPlane.Devices;
using EdgeFleet.Shared.Identity;
using Microsoft.EntityFrameworkCore;

namespace EdgeFleet.ControlPlane.Enrolment;

/// <summary>Whether a device may come in. Asked of the database at every connection and every file, so that revocation needs no list.</summary>
internal sealed class DeviceAdmission(IDbContextFactory<FleetContext> contexts)
{
    /// <summary>Null when it may; otherwise why not.</summary>
    public async Task<string?> RefusalAsync(DeviceId device, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var found = await db.Set<Device>().AsNoTracking().Where(d => d.Id == device).Select(d => new { d.Revoked }).FirstOrDefaultAsync(cancel);
        return found switch
        {
            null => $"{device} is not enrolled here. Enrol it again with a new ticket.",
            { Revoked: not null } => $"{device} was shut out. An operator has to admit it again, or enrol it anew.",
            _ => null,
        };
    }
}
