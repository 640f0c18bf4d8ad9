using EdgeFleet.ControlPlane.Data;

namespace EdgeFleet.ControlPlane.Backup;

/// <summary>How old the last backup is.</summary>
internal sealed class BackupQueries(DataFolder folder)
{
    /// <summary>When the last backup was made, or null and since when there has been something to lose.</summary>
    public (DateTimeOffset? Last, DateTimeOffset Since) Ages() =>
        (LastBackup.Of(folder)?.Made, new DateTimeOffset(File.GetLastWriteTimeUtc(folder.SigningKey), TimeSpan.Zero));
}
