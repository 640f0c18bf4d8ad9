using EdgeFleet.Shared.Trust.Tuf;
using EdgeFleet.TufConformance;

namespace EdgeFleet.Testing.Tuf;

/// <summary>Our client with its three commands, in this process: what it asks for is answered directly.</summary>
/// <param name="source">Gives a file by its path ("metadata/..." or "targets/...").</param>
public sealed class InProcessClient(Func<string, byte[]?> source) : IConformanceClient
{
    private readonly TufRepository _repository = new(Fetch(source, "metadata/"), Fetch(source, "targets/"));


    /// <inheritdoc/>
    public string Said { get; private set; } = "";

    /// <inheritdoc/>
    public Task<int> InitAsync(byte[] root, string metadataFolder) => Task.FromResult(new TufCommands(metadataFolder, Say).Init(root));

    /// <inheritdoc/>
    public Task<int> RefreshAsync(string metadataFolder, DateTimeOffset now) => new TufCommands(metadataFolder, Say).RefreshAsync(_repository, now);

    /// <inheritdoc/>
    public Task<int> DownloadAsync(string metadataFolder, string targetsFolder, string target, DateTimeOffset now) =>
        new TufCommands(metadataFolder, Say).DownloadAsync(_repository, target, targetsFolder, now);

    private void Say(string line) => Said = line;

    private static TufFetch Fetch(Func<string, byte[]?> source, string below) =>
        (path, bytesMax, _) => Task.FromResult(source(below + path) is { } bytes ? bytes.AsSpan(0, (int)Math.Min(bytes.Length, bytesMax + 1)).ToArray() : null);
}
