using System.Security.Cryptography;
using EdgeFleet.Shared.Identity;

namespace EdgeFleet.Shared.Files;

/// <summary>A folder of files named by their SHA-256. What is in it is whole and has been checked; what is on its way is in <c>incoming/</c>.</summary>
public sealed class ContentStore
{
    private readonly string _root;

    /// <summary>Opens the store, making its folders.</summary>
    /// <param name="root">Its folder.</param>
    /// <param name="disk">The disk below it; the machine's own when left out.</param>
    public ContentStore(string root, FileCalls? disk = null)
    {
        (_root, Disk) = (root, disk ?? FileCalls.Real);
        Directory.CreateDirectory(Path.Combine(root, "incoming"));
    }

    /// <summary>The disk below it.</summary>
    public FileCalls Disk { get; }

    /// <summary>Folder of the store.</summary>
    public string Root => _root;

    /// <summary>Paths of the files on their way in.</summary>
    public IEnumerable<string> Incoming() => Directory.EnumerateFiles(Path.Combine(_root, "incoming"));

    /// <summary>Where a file lies, or would lie.</summary>
    public string PathOf(Sha256Digest digest) => Path.Combine(_root, digest.Value);

    /// <summary>Where a file is gathered before it is checked.</summary>
    public string IncomingPathOf(Sha256Digest digest) => Path.Combine(_root, "incoming", digest.Value);

    /// <summary>True when the file is there.</summary>
    public bool Has(Sha256Digest digest) => File.Exists(PathOf(digest));

    /// <summary>Digests of all files.</summary>
    public IEnumerable<Sha256Digest> All() => Directory.EnumerateFiles(_root)
        .Select(p => Sha256Digest.TryParse(Path.GetFileName(p), out var d) ? d : default)
        .Where(d => d.Value is not null);

    /// <summary>Takes bytes in under their own digest.</summary>
    public Sha256Digest Add(ReadOnlySpan<byte> content)
    {
        var digest = Sha256Digest.Of(content);
        if (!Has(digest))
            DurableFile.Replace(PathOf(digest), content, disk: Disk);
        return digest;
    }

    /// <summary>Takes a stream in; it is kept only if it has the digest and at most the size.</summary>
    /// <returns>Null when it was taken (or was there), else what was wrong with it.</returns>
    public async Task<string?> AddAsync(Sha256Digest digest, Stream content, long bytesMax, CancellationToken cancel)
    {
        if (Has(digest))
            return null;

        var temporary = Path.Combine(_root, "incoming", $"{digest.Value}.{Guid.NewGuid():n}");
        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            await using (var file = Disk.Open(temporary, FileMode.CreateNew))
            {
                var buffer = new byte[81920];
                long total = 0;
                int read;
                while ((read = await content.ReadAsync(buffer, cancel)) > 0)
                {
                    if ((total += read) > bytesMax)
                        return $"It is larger than {bytesMax} bytes.";
                    hash.AppendData(buffer, 0, read);
                    await Disk.WriteAsync(file, buffer.AsMemory(0, read), cancel);
                }

                Disk.Sync(file.SafeFileHandle, temporary);
            }

            var actual = Sha256Digest.FromHash(hash.GetHashAndReset());
            if (actual != digest)
                return $"Its SHA-256 is {actual}, not {digest}.";

            DurableFile.Move(temporary, PathOf(digest), Disk);
            return null;
        }
        finally
        {
            Disk.Delete(temporary);
        }
    }

    /// <summary>Moves a gathered file to its place if its digest is right, else deletes it. What could not be made to last is deleted too: after a failed fsync it is unknown.</summary>
    /// <returns>Null when it is in place, else what was wrong.</returns>
    /// <exception cref="IOException">It is not in place.</exception>
    public async Task<string?> AdoptIncomingAsync(Sha256Digest digest, CancellationToken cancel)
    {
        var incoming = IncomingPathOf(digest);
        var actual = await Sha256Digest.OfFileAsync(incoming, cancel);
        if (actual != digest)
        {
            Disk.Delete(incoming);
            return $"Its SHA-256 is {actual}, not {digest}.";
        }

        try
        {
            using (var file = File.OpenHandle(incoming, FileMode.Open, FileAccess.ReadWrite))
                Disk.Sync(file, incoming);
            DurableFile.Move(incoming, PathOf(digest), Disk);
            return null;
        }
        catch (IOException)
        {
            Disk.Delete(incoming);
            Remove(digest);
            throw;
        }
    }

    /// <summary>Removes a file that is damaged or no longer wanted.</summary>
    public void Remove(Sha256Digest digest) => Disk.Delete(PathOf(digest));

    /// <summary>Removes every file that is not in the set to keep; returns how many.</summary>
    public int RemoveAllBut(IReadOnlySet<Sha256Digest> keep)
    {
        var removed = 0;
        foreach (var digest in All().Where(d => !keep.Contains(d)).ToList())
        {
            Remove(digest);
            removed++;
        }

        return removed;
    }
}
