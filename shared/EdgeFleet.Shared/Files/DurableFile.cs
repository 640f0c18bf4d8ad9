using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace EdgeFleet.Shared.Files;

/// <summary>
/// Files that survive a power cut. fsync goes through libc, because .NET's own flush reports success on Linux when fsync fails.
/// After a failed fsync a file is unknown: a new one is written, the same is never tried again.
/// </summary>
public static partial class DurableFile
{
    /// <summary>Replaces a file whole: temporary file beside it, write, fsync, rename, fsync of the folder. At any cut the old or the new content stands.</summary>
    /// <exception cref="IOException">Nothing was changed; the text names the file and the cause.</exception>
    public static void Replace(string path, ReadOnlySpan<byte> content, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead)
    {
        var temporary = $"{path}.{Guid.NewGuid():n}.tmp";
        try
        {
            using (var file = new FileStream(temporary, NewFile(mode)))
            {
                file.Write(content);
                Sync(file.SafeFileHandle, temporary);
            }

            File.Move(temporary, path, overwrite: true);
            SyncFolderOf(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            TryDelete(temporary);
            throw new IOException($"{path} was not written: {e.Message}", e);
        }
    }

    /// <summary>Moves a finished, synced file to its name and makes the name durable.</summary>
    public static void Move(string from, string to)
    {
        File.Move(from, to, overwrite: true);
        SyncFolderOf(to);
    }

    /// <summary>Deletes a file and makes that durable; nothing happens when it is not there.</summary>
    public static void Delete(string path)
    {
        File.Delete(path);
        SyncFolderOf(path);
    }

    /// <summary>fsync of an open file.</summary>
    /// <exception cref="IOException">The data may not be on disk.</exception>
    public static void Sync(SafeFileHandle file, string path)
    {
        var taken = false;
        try
        {
            file.DangerousAddRef(ref taken);
            ThrowIfFailed(FSync((int)file.DangerousGetHandle()), "fsync", path);
        }
        finally
        {
            if (taken)
                file.DangerousRelease();
        }
    }

    /// <summary>fsync of the folder that holds a path, so that a new or changed name in it lasts.</summary>
    /// <exception cref="IOException">The name may not be on disk.</exception>
    public static void SyncFolderOf(string path)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var descriptor = Open(folder, OpenDirectory, 0);
        ThrowIfFailed(descriptor, "open", folder);
        try
        {
            ThrowIfFailed(FSync(descriptor), "fsync", folder);
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    private const int OpenDirectory = 0x10000 | 0x80000; // O_DIRECTORY | O_CLOEXEC on x64; arm64 has O_DIRECTORY at 0x4000, see Open.

    // Unbuffered, so that the write is done when the fsync is asked for.
    private static FileStreamOptions NewFile(UnixFileMode mode) => new()
    {
        Mode = FileMode.CreateNew,
        Access = FileAccess.Write,
        Share = FileShare.None,
        UnixCreateMode = mode,
        BufferSize = 0,
    };

    private static int Open(string folder, int flags, int mode) =>
        OpenCall(folder, RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x4000 | 0x80000 : flags, mode);

    private static void ThrowIfFailed(int result, string call, string path)
    {
        if (result < 0)
            throw new IOException($"{call} of {path} failed: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}.");
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The temporary name is unique; a leftover is swept at the next start.
        }
    }

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(int descriptor);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenCall(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}
