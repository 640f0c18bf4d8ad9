using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace EdgeFleet.Shared.Files;

/// <summary>
/// The calls of the operating system by which files change and last; one instance stands for a disk. Tests put a disk in its place that fails, or loses power, at
/// any of them. fsync goes through libc, because .NET's own flush reports success on Linux when fsync fails.
/// </summary>
public partial class FileCalls
{
    private const int OpenDirectoryX64 = 0x10000 | 0x80000; // O_DIRECTORY | O_CLOEXEC
    private const int OpenDirectoryArm64 = 0x4000 | 0x80000;

    /// <summary>The machine's own disk.</summary>
    public static FileCalls Real { get; } = new();

    /// <summary>Opens a file to write, unbuffered, so that a write is done when its fsync is asked for.</summary>
    /// <param name="path">The file.</param>
    /// <param name="mode">Whether it is made, cut to nothing, or added to.</param>
    /// <param name="rights">Rights of a file that is made; those of the process's mask when left out.</param>
    /// <exception cref="IOException">It was not opened.</exception>
    public virtual FileStream Open(string path, FileMode mode, UnixFileMode? rights = null) => new(path, new FileStreamOptions
    {
        Mode = mode,
        Access = FileAccess.Write,
        Share = FileShare.Read,
        UnixCreateMode = mode == FileMode.Open ? null : rights,
        BufferSize = 0,
        Options = FileOptions.Asynchronous,
    });

    /// <summary>Writes all of the bytes.</summary>
    /// <exception cref="IOException">They may be written in part.</exception>
    public virtual void Write(FileStream file, ReadOnlySpan<byte> bytes) => file.Write(bytes);

    /// <inheritdoc cref="Write"/>
    public virtual ValueTask WriteAsync(FileStream file, ReadOnlyMemory<byte> bytes, CancellationToken cancel) => file.WriteAsync(bytes, cancel);

    /// <summary>The bytes of a file.</summary>
    /// <exception cref="IOException">It was not read.</exception>
    public virtual byte[] Read(string path) => File.ReadAllBytes(path);

    /// <summary>fsync of an open file.</summary>
    /// <exception cref="IOException">The data may not be on disk.</exception>
    public virtual void Sync(SafeFileHandle file, string path)
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

    /// <summary>fsync of a folder, so that new and changed names in it last.</summary>
    /// <exception cref="IOException">The names may not be on disk.</exception>
    public virtual void SyncFolder(string folder)
    {
        var descriptor = OpenFolder(folder, RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? OpenDirectoryArm64 : OpenDirectoryX64, 0);
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

    /// <summary>Gives a file another name, over whatever has it.</summary>
    /// <exception cref="IOException">It kept its name.</exception>
    public virtual void Rename(string from, string to) => File.Move(from, to, overwrite: true);

    /// <summary>Removes a file; nothing happens when it is not there.</summary>
    /// <exception cref="IOException">It is still there.</exception>
    public virtual void Delete(string path) => File.Delete(path);

    private static void ThrowIfFailed(int result, string call, string path)
    {
        if (result < 0)
            throw new IOException($"{call} of {path} failed: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}.");
    }

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(int descriptor);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFolder(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}
