using EdgeFleet.Shared.Identity;

namespace EdgeFleet.Agent.Updates.Trust;

/// <summary>Where the signed metadata of packages comes from, and the root that was pinned when the board was enrolled.</summary>
internal interface ISignedMetadata
{
    /// <summary>SHA-256 of the root that this board was told to trust; null where packages are not signed.</summary>
    /// <exception cref="HttpRequestException">The board's identity cannot be read.</exception>
    Sha256Digest? Anchor { get; }

    /// <summary>Gets a small file below the address of packages; null when there is none.</summary>
    /// <param name="path">Path below that address.</param>
    /// <param name="bytesMax">Most bytes that are wanted; one more shows that there are too many.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <exception cref="HttpRequestException">No answer, or one that is neither the file nor that there is none.</exception>
    /// <exception cref="IOException">The answer broke off.</exception>
    Task<byte[]?> GetAsync(string path, long bytesMax, CancellationToken cancel);
}
