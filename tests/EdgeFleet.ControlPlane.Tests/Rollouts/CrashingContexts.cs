using EdgeFleet.ControlPlane.Data;
using Microsoft.EntityFrameworkCore;

namespace EdgeFleet.ControlPlane.Tests.Rollouts;

/// <summary>The process died; what was saved before stays.</summary>
internal sealed class CrashException : Exception;

/// <summary>Contexts on the real database that let the process die right after a chosen save, whoever made it.</summary>
internal sealed class CrashingContexts(IDbContextFactory<FleetContext> inner) : IDbContextFactory<FleetContext>
{
    /// <summary>Saves that are still survived; negative for any number.</summary>
    public int SavesLeft { get; set; } = -1;

    public FleetContext CreateDbContext()
    {
        var db = inner.CreateDbContext();
        db.SavedChanges += (_, _) =>
        {
            if (SavesLeft >= 0 && SavesLeft-- == 0)
                throw new CrashException();
        };
        return db;
    }
}
