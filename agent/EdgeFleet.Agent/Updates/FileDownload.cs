using EdgeFleet.Agent.Updates.Budget;
using EdgeFleet.Shared.Files;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;

namespace EdgeFleet.Agent.Updates;

/// <summary>Fetches one file of known digest and size into the content store, going on where an earlier try or an earlier boot stopped.</summary>
internal sealed class FileDownload(ContentStore files, IPackageSource source, UpdateOptions options, DataBudget budget, TimeProvider time)
{
    /// <summary>Fetches a file.</summary>
    /// <param name="digest">Its digest.</param>
    /// <param name="size">Its size; not a byte more is taken.</param>
    /// <param name="what">Its name, for messages.</param>
    /// <param name="got">Told of every piece, in bytes.</param>
    /// <param name="cancel">Ends it; what came is kept.</param>
    public async Task<DownloadEnd> FetchAsync(Sha256Digest digest, long size, string what, Action<long> got, CancellationToken cancel)
    {
        var asked = new Asked(what, files.IncomingPathOf(digest), size, IsExact: true, (range, token) => source.GetAsync(digest, range, token));
        if (await new RangeDownload(files.Disk, options, budget, time).FetchAsync(asked, got, cancel) is not DownloadEnd.Done and var missing)
            return missing;

        try
        {
            return await files.AdoptIncomingAsync(digest, cancel) is { } wrong
                ? Again($"{what} came wrong: {wrong} It was deleted and is fetched anew.")
                : new DownloadEnd.Done();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Again($"{what} was not fetched to {asked.Path}: {e.Message}");
        }
    }

    private static DownloadEnd.Failed Again(string reason) => new(reason, FailureKind.Local, Final: false);
}
