using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Trust;
using EdgeFleet.Shared.Trust.Tuf;

namespace EdgeFleet.ModelPrep.Packing;

/// <summary>Whether signed metadata (TUF) vouches for a package's manifest, which names all its other files by their hashes.</summary>
public static class PackageSignature
{
    /// <summary>Where a package's manifest stands in the signed list unless another path is given.</summary>
    public static string PathOf(string name, string version) => PackageTargets.PathOf(name, version);

    /// <summary>Asks a repository, beginning with a trusted root.</summary>
    /// <param name="manifest">Bytes of the manifest.</param>
    /// <param name="path">Its path in the signed list.</param>
    /// <param name="root">The trusted root.</param>
    /// <param name="repository">Gets metadata.</param>
    /// <param name="now">When it is.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <returns>What is wrong, in a sentence; null when the signed list names these very bytes.</returns>
    public static async Task<string?> FaultAsync(byte[] manifest, string path, byte[] root, TufRepository repository, DateTimeOffset now, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        var folder = Directory.CreateTempSubdirectory("edgefleet-verify-");
        try
        {
            var store = new TufStore(folder.FullName);
            store.Begin(root);
            var client = new TufClient(store, repository);
            await client.RefreshAsync(now, cancel);
            var target = await client.FindAsync(path, cancel);
            if (target is null) return $"The signed list does not name {path}. It was not published under this name, or was withdrawn.";
            return target.Matches(manifest) ? null
                : $"The signed list names another manifest as {path} than the {Sha256Digest.Of(manifest).Short}... here: this package is not the one that was published.";
        }
        catch (TufException untrusted)
        {
            return $"The signed list cannot be trusted: {untrusted.Message}";
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
