using System.Text.Json;
using EdgeFleet.ControlPlane.Data;
using EdgeFleet.Shared.Files;

namespace EdgeFleet.ControlPlane.Backup;

/// <summary>When the last backup was made. Kept beside the data, so that the page Today can say that one is due.</summary>
/// <param name="Made">When its database was read.</param>
/// <param name="Bytes">How large it became.</param>
internal sealed record LastBackup(DateTimeOffset Made, long Bytes)
{
    /// <summary>Name of the file in the data folder.</summary>
    public const string FileName = "last-backup.json";

    /// <summary>The last one of this data folder; null when there was none, or the file cannot be read.</summary>
    public static LastBackup? Of(DataFolder folder)
    {
        try
        {
            return File.Exists(folder.PathOf(FileName)) ? JsonSerializer.Deserialize(File.ReadAllBytes(folder.PathOf(FileName)), BackupJson.Default.LastBackup) : null;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            return null; // As if there were none: somebody should look.
        }
    }

    /// <summary>Keeps it.</summary>
    public void Keep(DataFolder folder) => DurableFile.Replace(folder.PathOf(FileName), JsonSerializer.SerializeToUtf8Bytes(this, BackupJson.Default.LastBackup));
}
