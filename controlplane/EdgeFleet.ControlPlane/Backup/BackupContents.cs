using EdgeFleet.ControlPlane.Data;

namespace EdgeFleet.ControlPlane.Backup;

/// <summary>What of the data folder belongs into a backup. What is not listed is made anew: deltas, endpoints, the set-up link, what an earlier restore put aside.</summary>
internal static class BackupContents
{
    /// <summary>Prefix of the folder into which a restore puts what it replaces.</summary>
    public const string AsidePrefix = "before-restore-";

    // Databases are copied by their own means.
    private static readonly string[] Files = ["signing.key", "metadata.key"];
    private static readonly string[] Folders = ["ca", "keys", "packages", "blobs"];

    // Made anew, and wrong beside another database.
    private static readonly string[] Derived = ["fleet.db-wal", "fleet.db-shm", "deltas", "setup-link.txt"];

    /// <summary>What a restore puts aside: entries of a backup, and what belongs to them.</summary>
    public static IEnumerable<string> Present(DataFolder folder) => Roots.Concat(Derived).Select(folder.PathOf).Where(Path.Exists);

    /// <summary>Entries that a backup may hold at the top.</summary>
    public static IReadOnlyCollection<string> Roots { get; } = [.. Files, .. Folders, SqliteCopy.FleetEntry, SqliteCopy.TelemetryFolder, PostgresCopy.Entry];

    /// <summary>
    /// Plain files, by their paths below the data folder. The signed metadata's timestamp is the first of its folder: what a later
    /// one names is there when it is read, and an earlier one names what stays.
    /// </summary>
    public static IEnumerable<string> PlainFiles(DataFolder folder) =>
        Files.Where(f => File.Exists(folder.PathOf(f))).Concat(
            from name in Folders
            let root = folder.PathOf(name)
            where Directory.Exists(root)
            from file in Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).OrderByDescending(f => Path.GetFileName(f) == "timestamp.json")
            let path = Path.GetRelativePath(folder.Root, file)
            where !path.EndsWith(".tmp", StringComparison.Ordinal) && !path.Contains("/incoming/", StringComparison.Ordinal)
            select path);

    /// <summary>The hash that a file's own name promises; null for files that are not named by their content.</summary>
    public static string? PromisedHash(string path) =>
        path.Split('/') is ["packages" or "blobs", { Length: 64 } name] && name.All(char.IsAsciiHexDigitLower) ? name : null;
}
