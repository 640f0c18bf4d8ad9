using EdgeFleet.ControlPlane.Data;
using EdgeFleet.Shared.Files;
using EdgeFleet.Shared.Identity;

namespace EdgeFleet.ControlPlane.Models;

/// <summary>The files of packages on disk, by their SHA-256. Any static file server over the same folder serves them as well.</summary>
internal sealed class PackageFiles(DataFolder folder)
{
    private readonly ContentStore _store = new(folder.Packages);

    /// <summary>The folder.</summary>
    public string Root => folder.Packages;

    /// <summary>True when the file is there, whole.</summary>
    public bool Has(Sha256Digest digest) => _store.Has(digest);

    /// <summary>Where the file lies.</summary>
    public string PathOf(Sha256Digest digest) => _store.PathOf(digest);

    /// <summary>Takes a file in; null when it was taken or was there, else what was wrong with it.</summary>
    public Task<string?> AddAsync(Sha256Digest digest, Stream content, long bytesMax, CancellationToken cancel) => _store.AddAsync(digest, content, bytesMax, cancel);
}
