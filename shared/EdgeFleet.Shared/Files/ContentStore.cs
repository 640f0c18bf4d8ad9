using System.Security.Cryptography;
using EdgeFleet.Shared.Identity;

namespace EdgeFleet.Shared.Files;

/// <summary>A folder of files named by their SHA-256. What is in it is whole and has been checked; what is on its way is in <c>incoming/</c>.</summary>
public sealed class ContentStore
{
    private readonly string _root;

    /// <summary>Opens the store, making its folders.</summary>
    public ContentStore(string root)
    {
        _root = root;
        Directory.CreateDirectory(Path.Combine(root, "incoming"));
    }

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
            DurableFile.Replace(PathOf(digest), content);
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
            await using (var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, useAsync: true))
            {
                var buffer = new byte[81920];
                long total = 0;
                int read;
                while ((read = await content.ReadAsync(buffer, cancel)) > 0)
                {
                    if ((total += read) > bytesMax)
                        return $"It is larger than {bytesMax} bytes.";
                    hash.AppendData(buffer, 0, read);
                    await file.WriteAsync(buffer.AsMemory(0, read), cancel);
                }

                DurableFile.Sync(file.SafeFileHandle, temporary);
            }

            var actual = Sha256Digest.FromHash(hash.GetHashAndReset());
            if (actual != digest)
                return $"Its SHA-256 is {actual}, not {digest}.";

            DurableFile.Move(temporary, PathOf(digest));
            return null;
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>Moves a gathered file to its place if its digest is right, else deletes it.</summary>
    /// <returns>Null when it is in place, else what was wrong.</returns>
    public async Task<string?> AdoptIncomingAsync(Sha256Digest digest, CancellationToken cancel)
    {
        var incoming = IncomingPathOf(digest);
        var actual = await Sha256Digest.OfFileAsync(incoming, cancel);
        if (actual != digest)
        {
            File.Delete(incoming);
            return $"Its SHA-256 is {actual}, not {digest}.";
        }

        using (var file = File.OpenHandle(incoming, FileMode.Open, FileAccess.ReadWrite))
            DurableFile.Sync(file, incoming);
        DurableFile.Move(incoming, PathOf(digest));
        return null;
    }

    /// <summary>Removes every file that is not in the set to keep; returns how many.</summary>
    public int RemoveAllBut(IReadOnlySet<Sha256Digest> keep)
    {
        var removed = 0;
        foreach (var digest in All().Where(d => !keep.Contains(d)).ToList())
        {
            File.Delete(PathOf(digest));
            removed++;
        }

        return removed;
    }
}
