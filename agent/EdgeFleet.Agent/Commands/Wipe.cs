using EdgeFleet.Shared.Files;

namespace EdgeFleet.Agent.Commands;

/// <summary>
/// Deletes everything that the agent keeps: identity first, then records, models and logs. Goes on at the next start where it was cut, because the
/// mark goes last. Only the numbers of commands stay, which name nobody.
/// </summary>
internal static class Wipe
{
    /// <summary>The mark that a wipe has begun.</summary>
    public static string MarkIn(string stateFolder) => Path.Combine(stateFolder, "wipe");

    /// <summary>Wipes if the mark is there; true when it did.</summary>
    /// <exception cref="IOException">Something could not be deleted; it is tried again at the next start.</exception>
    public static bool IfMarked(string stateFolder)
    {
        var mark = MarkIn(stateFolder);
        if (!File.Exists(mark))
            return false;

        var identity = Path.Combine(stateFolder, "identity");
        if (Directory.Exists(identity))
        {
            foreach (var file in Directory.EnumerateFiles(identity))
                Overwrite(file);
            Directory.Delete(identity, recursive: true);
        }

        foreach (var folder in Directory.EnumerateDirectories(stateFolder))
            Directory.Delete(folder, recursive: true);
        foreach (var file in Directory.EnumerateFiles(stateFolder).Where(f => f != mark && Path.GetFileName(f) != CommandStore.FileName))
            File.Delete(file);
        DurableFile.SyncFolderOf(mark);
        DurableFile.Delete(mark);
        return true;
    }

    // Flash keeps old blocks, so this is no promise; it is what can be done from here for files of a few hundred bytes.
    private static void Overwrite(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Write, FileShare.None, bufferSize: 0);
        stream.Write(new byte[stream.Length]);
        DurableFile.Sync(stream.SafeFileHandle, file);
    }
}
