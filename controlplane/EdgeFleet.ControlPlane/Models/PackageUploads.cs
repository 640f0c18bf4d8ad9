using EdgeFleet.Shared.Identity;
using Microsoft.Extensions.Options;

namespace EdgeFleet.ControlPlane.Models;

/// <summary>Takes the files of packages in, before they are published.</summary>
internal sealed class PackageUploads(PackageFiles files, IOptions<PackageOptions> options)
{
    private const int DigestsMax = 10_000;

    /// <summary>Those of the digests whose files are not here; the second value says what is wrong with the list.</summary>
    public (IReadOnlyList<string> Missing, string? Fault) Missing(IReadOnlyList<string> digests)
    {
        if (digests.Count > DigestsMax)
            return ([], $"{digests.Count} digests were asked for; at most {DigestsMax} at a time.");
        if (digests.FirstOrDefault(d => !Sha256Digest.TryParse(d, out _)) is { } wrong)
            return ([], $"'{wrong}' is not a SHA-256 digest: 64 lower-case hexadecimal digits.");
        return ([.. digests.Distinct().Where(d => !files.Has(Sha256Digest.Parse(d)))], null);
    }

    /// <summary>Takes a file in as it streams. A file that is not what its name says leaves nothing behind.</summary>
    /// <param name="digest">Its SHA-256.</param>
    /// <param name="content">The file.</param>
    /// <param name="length">Its length, if the sender says it.</param>
    /// <param name="cancel">Drops what came.</param>
    public async Task<FileEnding> PutAsync(Sha256Digest digest, Stream content, long? length, CancellationToken cancel)
    {
        if (files.Has(digest))
            return new FileEnding.Stored();
        if (length > options.Value.FileBytesMax)
            return new FileEnding.TooLarge($"The file has {length} bytes; a file of a package has at most {options.Value.FileBytesMax} (Packages:FileBytesMax).");

        var room = new DriveInfo(files.Root).AvailableFreeSpace - options.Value.FreeBytesMin;
        if (room <= 0 || length > room)
            return new FileEnding.NoRoom($"The server's disk has no room for it: {Math.Max(0, room)} bytes are free for packages. Nothing was kept. Make room on the disk of its data folder and push again.");

        try
        {
            var bytesMax = Math.Min(room, options.Value.FileBytesMax);
            return await files.AddAsync(digest, content, bytesMax, cancel) is { } fault
                ? new FileEnding.Refused($"The file {digest.Short}... was not kept. {fault} Push it again; if this repeats, pack the model again.")
                : new FileEnding.Stored();
        }
        catch (IOException e) when (!cancel.IsCancellationRequested && e is not BadHttpRequestException)
        {
            return new FileEnding.NoRoom($"The file {digest.Short}... could not be stored and nothing was kept: {e.Message}");
        }
    }
}
