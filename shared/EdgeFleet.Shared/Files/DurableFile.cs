using Microsoft.Win32.SafeHandles;

namespace EdgeFleet.Shared.Files;

/// <summary>
/// Files that survive a power cut. After a failed fsync a file is unknown: a new one is written, the same is never tried again.
/// The disk is the machine's own unless <see cref="FileCalls"/> of another are given.
/// </summary>
public static class DurableFile
{
    /// <summary>Replaces a file whole: temporary file beside it, write, fsync, rename, fsync of the folder. At any cut the old or the new content stands.</summary>
    /// <exception cref="IOException">The old content stands, or the new one without being sure to last; the text names the file and the cause.</exception>
    public static void Replace(
        string path, ReadOnlySpan<byte> content, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead, FileCalls? disk = null)
    {
        disk ??= FileCalls.Real;
        var temporary = $"{path}.{Guid.NewGuid():n}.tmp";
        try
        {
            using (var file = disk.Open(temporary, FileMode.CreateNew, mode))
            {
                disk.Write(file, content);
                disk.Sync(file.SafeFileHandle, temporary);
            }

            Move(temporary, path, disk);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            TryDelete(temporary, disk);
            throw new IOException($"{path} was not written: {e.Message}", e);
        }
    }

    /// <summary>Writes a file that only its owner reads, unless one of that name is there: of two processes that begin at once, what the first one named counts for both.</summary>
    /// <exception cref="IOException">It could not be written.</exception>
    public static void WriteFirst(string path, ReadOnlySpan<byte> content)
    {
        var temporary = $"{path}.{Guid.NewGuid():n}";
        Replace(temporary, content, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        try
        {
            File.Move(temporary, path, overwrite: false);
            SyncFolderOf(path);
        }
        catch (IOException) when (File.Exists(path))
        {
            File.Delete(temporary);
        }
    }

    /// <summary>Moves a finished, synced file to its name and makes the name durable.</summary>
    public static void Move(string from, string to, FileCalls? disk = null)
    {
        (disk ?? FileCalls.Real).Rename(from, to);
        SyncFolderOf(to, disk);
    }

    /// <summary>Deletes a file and makes that durable; nothing happens when it is not there.</summary>
    public static void Delete(string path, FileCalls? disk = null)
    {
        (disk ?? FileCalls.Real).Delete(path);
        SyncFolderOf(path, disk);
    }

    /// <summary>fsync of an open file.</summary>
    /// <exception cref="IOException">The data may not be on disk.</exception>
    public static void Sync(SafeFileHandle file, string path) => FileCalls.Real.Sync(file, path);

    /// <summary>fsync of the folder that holds a path, so that a new or changed name in it lasts.</summary>
    /// <exception cref="IOException">The name may not be on disk.</exception>
    public static void SyncFolderOf(string path, FileCalls? disk = null) => (disk ?? FileCalls.Real).SyncFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);

    private static void TryDelete(string path, FileCalls disk)
    {
        try
        {
            disk.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The temporary name is unique; a leftover is swept at the next start.
        }
    }
}
