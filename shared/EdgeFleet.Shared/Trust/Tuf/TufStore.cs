using EdgeFleet.Shared.Files;

namespace EdgeFleet.Shared.Trust.Tuf;

/// <summary>The folder of trusted metadata, one file per role, each replaced whole. The bytes are kept as they came, or their hashes would not fit.</summary>
/// <param name="folder">The folder; it is made when it is not there.</param>
/// <param name="disk">The disk; the machine's own when left out.</param>
public sealed class TufStore(string folder, FileCalls? disk = null)
{
    private readonly FileCalls _disk = disk ?? FileCalls.Real;

    /// <summary>Begins anew with a root that is trusted because it was handed over with the board, or because its hash was.</summary>
    /// <exception cref="IOException">It was not written.</exception>
    public void Begin(byte[] root)
    {
        Directory.CreateDirectory(folder);
        foreach (var file in Directory.EnumerateFiles(folder, "*.json"))
            DurableFile.Delete(file, _disk);
        Write(TufRoles.Root, root);
    }

    /// <summary>Removes what writes that were cut short left behind. Not while another one writes here.</summary>
    /// <exception cref="IOException">Some of it is still there.</exception>
    public void Sweep()
    {
        if (!Directory.Exists(folder))
            return;
        foreach (var file in Directory.EnumerateFiles(folder, "*.tmp"))
            _disk.Delete(file);
    }

    /// <summary>True when a root is kept.</summary>
    public bool HasRoot => File.Exists(PathOf(TufRoles.Root));

    /// <summary>True when a root is kept that can be read and is signed by its own keys: a disk may have damaged it.</summary>
    public bool HasSoundRoot
    {
        get
        {
            try
            {
                return Read(TufRoles.Root, new TufLimits().RootBytesMax) is { } root && new TufTrust(root, DateTimeOffset.UnixEpoch) is not null;
            }
            catch (TufException)
            {
                return false;
            }
        }
    }

    internal byte[]? Read(string role, int bytesMax)
    {
        try
        {
            var file = new FileInfo(PathOf(role));
            return file.Exists && file.Length <= bytesMax ? _disk.Read(file.FullName) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What cannot be read is fetched again.
            return null;
        }
    }

    internal void Write(string role, byte[] bytes) => DurableFile.Replace(PathOf(role), bytes, disk: _disk);

    private string PathOf(string role) => Path.Combine(folder, TufPaths.FileOf(role));
}
