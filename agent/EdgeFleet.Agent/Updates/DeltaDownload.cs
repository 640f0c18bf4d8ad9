using System.Net;
using EdgeFleet.Agent.Updates.Budget;
using EdgeFleet.Shared.Deltas;
using EdgeFleet.Shared.Files;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.Agent.Updates;

/// <summary>How a try by a delta ended.</summary>
internal abstract record DeltaEnd
{
    /// <summary>The file is in the store; the delta had so many bytes.</summary>
    internal sealed record Built(long Bytes) : DeltaEnd;

    /// <summary>The server has none: the whole file is the better way.</summary>
    internal sealed record Absent : DeltaEnd;

    /// <summary>The day's data are used up; what came of it is kept.</summary>
    internal sealed record Waits(string Why) : DeltaEnd;

    /// <summary>It did not come, or made nothing of use.</summary>
    /// <param name="Reason">Why, for people.</param>
    /// <param name="RetryAfter">What the server asked for.</param>
    /// <param name="IsBroken">True when the same delta will not do the next time either.</param>
    internal sealed record Failed(string Reason, TimeSpan? RetryAfter = null, bool IsBroken = false) : DeltaEnd;
}

/// <summary>Fetches the delta from a file of the store to one that is wanted, and builds that one in the store.</summary>
internal sealed class DeltaDownload(ContentStore files, IPackageSource source, UpdateOptions options, DataBudget budget, TimeProvider time)
{
    private const string Mark = ".from-";

    /// <summary>Fetches and builds. What came of the delta is kept when it is cut off or cancelled, and is gone otherwise.</summary>
    /// <param name="file">The file that is wanted.</param>
    /// <param name="from">The file that is there.</param>
    /// <param name="what">Name of the wanted one, for messages.</param>
    /// <param name="refuse">Told the size of the delta before it is written; a text refuses it.</param>
    /// <param name="cancel">Ends it.</param>
    public async Task<DeltaEnd> FetchAsync(FileRef file, Sha256Digest from, string what, Func<long, string?> refuse, CancellationToken cancel)
    {
        var path = PathOf(from, file.Digest);
        var status = default(HttpStatusCode);
        var asked = new Asked($"the delta of {what}", path, file.Size - 1, IsExact: false, GetAsync) { Refuse = refuse };
        var came = IsWhole(path) ? new DownloadEnd.Done() : await new RangeDownload(files.Disk, options, budget, time).FetchAsync(asked, _ => { }, cancel);
        if (came is DownloadEnd.Waits waits)
            return new DeltaEnd.Waits(waits.Why);
        if (came is DownloadEnd.Failed failed)
            return status is HttpStatusCode.NotFound or HttpStatusCode.Gone ? new DeltaEnd.Absent() : new DeltaEnd.Failed(failed.Reason, failed.RetryAfter);

        var bytes = new FileInfo(path).Length;
        var wrong = await BuildAsync(path, from, file, what, cancel);
        files.Disk.Delete(path);
        return wrong ?? (DeltaEnd)new DeltaEnd.Built(bytes);

        async Task<HttpResponseMessage> GetAsync(ByteRange? part, CancellationToken token)
        {
            var answer = await source.GetDeltaAsync(from, file.Digest, part, token);
            status = answer.StatusCode;
            return answer;
        }
    }

    /// <summary>Bytes of deltas to a file that are on disk.</summary>
    public static long HeldBytes(ContentStore files, Sha256Digest to) =>
        files.Incoming().Where(p => Path.GetFileName(p).StartsWith($"{to}{Mark}", StringComparison.Ordinal)).Sum(p => new FileInfo(p).Length);

    /// <summary>The file that a path in <c>incoming/</c> is gathered for.</summary>
    public static bool TryParse(string path, out Sha256Digest to)
    {
        var name = Path.GetFileName(path);
        var end = name.IndexOf(Mark, StringComparison.Ordinal);
        return Sha256Digest.TryParse(end < 0 ? name : name[..end], out to);
    }

    private async Task<DeltaEnd.Failed?> BuildAsync(string path, Sha256Digest from, FileRef file, string what, CancellationToken cancel)
    {
        try
        {
            await using var after = await DeltaStream.OpenAsync(files.PathOf(from), path, file.Size, cancel);
            return await files.AddAsync(file.Digest, after, file.Size, cancel) is { } wrong ? Broken(wrong) : null;
        }
        catch (DeltaException e)
        {
            return Broken(e.Message);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new DeltaEnd.Failed($"{what} was not built from a delta: {e.Message}");
        }

        DeltaEnd.Failed Broken(string why) => new($"{what} was not built from a delta: {why}", IsBroken: true);
    }

    private string PathOf(Sha256Digest from, Sha256Digest to) => $"{files.IncomingPathOf(to)}{Mark}{from}";

    // A delta says itself how long it is: one that came whole before the power went is not asked for again.
    private static bool IsWhole(string path)
    {
        try
        {
            return File.Exists(path) && DeltaStream.ReadHeader(path) is not null;
        }
        catch (Exception e) when (e is DeltaException or IOException)
        {
            return false;
        }
    }
}
