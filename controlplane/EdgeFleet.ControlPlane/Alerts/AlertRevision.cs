using EdgeFleet.ControlPlane.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeFleet.ControlPlane.Alerts;

/// <summary>The one row that holds the last revision given. Whoever takes the next holds it until its transaction ends, so revisions become visible in order.</summary>
internal sealed class AlertRevision
{
    public int Id { get; set; }

    public long Value { get; set; }

    /// <summary>Takes the next revision, inside the caller's transaction.</summary>
    public static async Task<long> NextAsync(FleetContext db, CancellationToken cancel)
    {
        await db.Set<AlertRevision>().ExecuteUpdateAsync(s => s.SetProperty(r => r.Value, r => r.Value + 1), cancel);
        return await db.Set<AlertRevision>().AsNoTracking().Select(r => r.Value).SingleAsync(cancel);
    }
}

internal sealed class AlertRevisionConfiguration : IEntityTypeConfiguration<AlertRevision>
{
    public void Configure(EntityTypeBuilder<AlertRevision> builder)
    {
        builder.ToTable("AlertRevision");
        builder.HasData(new AlertRevision { Id = 1, Value = 0 });
    }
}
