using Microsoft.EntityFrameworkCore;

namespace EdgeFleet.ControlPlane.Data;

/// <summary>Hands out the context of the configured provider to code that does not care which one it is.</summary>
internal sealed class FleetContextFactory<TContext>(IDbContextFactory<TContext> inner) : IDbContextFactory<FleetContext>
    where TContext : FleetContext
{
    public FleetContext CreateDbContext() => inner.CreateDbContext();

    public async Task<FleetContext> CreateDbContextAsync(CancellationToken cancellationToken = default) =>
        await inner.CreateDbContextAsync(cancellationToken);
}
