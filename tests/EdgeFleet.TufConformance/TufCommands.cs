using EdgeFleet.Shared.Trust.Tuf;

namespace EdgeFleet.TufConformance;

/// <summary>The three commands by which the public conformance suite drives a client. Each ends in 0, or in 1 with a line that says why.</summary>
/// <param name="metadataFolder">Trusted metadata.</param>
/// <param name="say">Takes the line.</param>
public sealed class TufCommands(string metadataFolder, Action<string> say)
{
    private readonly TufStore _store = new(metadataFolder);

    /// <summary>Begins with a root.</summary>
    public int Init(byte[] root)
    {
        _store.Begin(root);
        return 0;
    }

    /// <summary>Refreshes.</summary>
    public Task<int> RefreshAsync(TufRepository repository, DateTimeOffset now) => EndAsync(() => new TufClient(_store, repository).RefreshAsync(now));

    /// <summary>Refreshes and downloads a file, unless it is there already.</summary>
    public Task<int> DownloadAsync(TufRepository repository, string target, string targetsFolder, DateTimeOffset now) => EndAsync(async () =>
    {
        var client = new TufClient(_store, repository);
        await client.RefreshAsync(now);
        var found = await client.FindAsync(target) ?? throw new TufException(TufFault.Missing, target, "no role lists it.");
        var path = Path.Combine(targetsFolder, Uri.EscapeDataString(target));
        if (File.Exists(path) && found.Matches(await File.ReadAllBytesAsync(path)))
            return;
        await File.WriteAllBytesAsync(path, await client.DownloadAsync(found));
    });

    private async Task<int> EndAsync(Func<Task> act)
    {
        try
        {
            await act();
            return 0;
        }
        catch (Exception e) when (e is TufException or IOException or HttpRequestException)
        {
            say(e.Message);
            return 1;
        }
    }
}
