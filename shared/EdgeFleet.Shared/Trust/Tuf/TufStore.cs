using EdgeFleet.Shared.Files;

namespace EdgeFleet.Shared.Trust.Tuf;

/// <summary>The folder of trusted metadata, one file per role, each replaced whole. The bytes are kept as they came, or their hashes would not fit.</summary>
/// <param name="folder">The folder; it is made when it is not there.</param>
public sealed class TufStore(string folder)
{
    /// <summary>Begins anew with a root that is trusted because it was handed over with the board, or because its hash was.</summary>
    /// <exception cref="IOException">It was not written.</exception>
    public void Begin(byte[] root)
    {
        Directory.CreateDirectory(folder);
        foreach (var file in Directory.EnumerateFiles(folder, "*.json"))
            DurableFile.Delete(file);
        Write(TufRoles.Root, root);
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
            return file.Exists && file.Length <= bytesMax ? File.ReadAllBytes(file.FullName) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What cannot be read is fetched again.
            return null;
        }
    }

    internal void Write(string role, byte[] bytes) => DurableFile.Replace(PathOf(role), bytes);

    private string PathOf(string role) => Path.Combine(folder, TufPaths.FileOf(role));
}
