namespace EdgeFleet.Shared.Trust.Tuf;

/// <summary>
/// Gets a file of a repository; null when the repository says that it has none. Reads at most <paramref name="bytesMax"/> bytes and one more, by
/// which the caller sees that there are too many.
/// </summary>
/// <param name="path">Path below the repository's address, already escaped.</param>
/// <param name="bytesMax">Most bytes that are wanted.</param>
/// <param name="cancel">Ends the wait.</param>
/// <exception cref="IOException">The repository did not answer.</exception>
public delegate Task<byte[]?> TufFetch(string path, long bytesMax, CancellationToken cancel);

/// <summary>Where a repository is.</summary>
/// <param name="Metadata">Gets metadata.</param>
/// <param name="Targets">Gets the files that the metadata lists.</param>
public sealed record TufRepository(TufFetch Metadata, TufFetch Targets)
{
    /// <summary>Reads a stream to its end or one byte past a limit: what a <see cref="TufFetch"/> gives back.</summary>
    public static async Task<byte[]> ReadAsync(Stream stream, long bytesMax, CancellationToken cancel)
    {
        using var bytes = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (bytes.Length <= bytesMax)
        {
            var read = await stream.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, bytesMax + 1 - bytes.Length)), cancel);
            if (read == 0)
                break;
            bytes.Write(buffer, 0, read);
        }

        return bytes.ToArray();
    }
}

/// <summary>How much of a repository is read at most.</summary>
public sealed record TufLimits
{
    /// <summary>Roots followed in one refresh. A board that missed more goes on at the next one.</summary>
    public int RootsMax { get; init; } = 256;

    /// <summary>Targets documents looked into for one target.</summary>
    public int DelegationsMax { get; init; } = 32;

    /// <summary>Bytes of a root.</summary>
    public int RootBytesMax { get; init; } = 512_000;

    /// <summary>Bytes of a timestamp.</summary>
    public int TimestampBytesMax { get; init; } = 16_384;

    /// <summary>Bytes of a snapshot whose length is not listed.</summary>
    public int SnapshotBytesMax { get; init; } = 2_000_000;

    /// <summary>Bytes of a targets document whose length is not listed.</summary>
    public int TargetsBytesMax { get; init; } = 5_000_000;

    /// <summary>Bytes of a file that is downloaded, whatever is listed.</summary>
    public int FileBytesMax { get; init; } = 64 * 1024 * 1024;
}
