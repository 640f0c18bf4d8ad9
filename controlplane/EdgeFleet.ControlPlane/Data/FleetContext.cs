using EdgeFleet.Shared.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace EdgeFleet.ControlPlane.Data;

/// <summary>
/// What people edit and what the fleet reported last, on SQLite or PostgreSQL. Entities stand in the folder of their capability, each with an
/// <see cref="IEntityTypeConfiguration{TEntity}"/> beside it. Times are Unix milliseconds; a row that two may change has a concurrency token.
/// </summary>
internal abstract partial class FleetContext(DbContextOptions options) : DbContext(options)
{
    /// <summary>Saves, and raises the row version of what changed, so that the second of two who changed a row is told.</summary>
    public override Task<int> SaveChangesAsync(bool acceptAllChangesOnSuccess, CancellationToken cancellationToken = default)
    {
        foreach (var entry in ChangeTracker.Entries<IVersioned>().Where(e => e.State == EntityState.Modified))
            entry.Entity.RowVersion++;
        return base.SaveChangesAsync(acceptAllChangesOnSuccess, cancellationToken);
    }

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(FleetContext).Assembly);
        foreach (var type in modelBuilder.Model.GetEntityTypes().Where(t => t.ClrType.IsAssignableTo(typeof(IVersioned))))
            type.FindProperty(nameof(IVersioned.RowVersion))!.IsConcurrencyToken = true;
        FilterBySite(modelBuilder);
    }

    /// <summary>Ids stay types in entities and are text in the database.</summary>
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        configurationBuilder.Properties<DeviceId>().HaveConversion<DeviceIdConverter>();
        configurationBuilder.Properties<SlotName>().HaveConversion<SlotNameConverter>();
        configurationBuilder.Properties<Sha256Digest>().HaveConversion<DigestConverter>();
    }

    private sealed class DeviceIdConverter() : ValueConverter<DeviceId, string>(id => id.Value, text => DeviceId.Parse(text));

    private sealed class SlotNameConverter() : ValueConverter<SlotName, string>(name => name.Value, text => SlotName.Parse(text));

    private sealed class DigestConverter() : ValueConverter<Sha256Digest, string>(digest => digest.Value, text => Sha256Digest.Parse(text));
}

/// <summary>A row that two may change at once: the second save of an old version fails with <see cref="DbUpdateConcurrencyException"/>.</summary>
internal interface IVersioned
{
    /// <summary>Raised by the context at each save; nobody else sets it.</summary>
    long RowVersion { get; set; }
}

/// <summary>The context on SQLite.</summary>
internal sealed class SqliteFleetContext(DbContextOptions<SqliteFleetContext> options) : FleetContext(options);

/// <summary>The context on PostgreSQL.</summary>
internal sealed class PostgresFleetContext(DbContextOptions<PostgresFleetContext> options) : FleetContext(options);
