using System.Net;
using EdgeFleet.Shared.Files;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;

namespace EdgeFleet.Agent.Updates;

/// <summary>Fetches one file of known digest and size into the content store, going on where an earlier try or an earlier boot stopped.</summary>
internal sealed class FileDownload(ContentStore files, IPackageSource source, UpdateOptions options, TimeProvider time)
{
    private const int SyncEveryBytes = 8 * 1024 * 1024;

    /// <summary>Fetches a file.</summary>
    /// <param name="digest">Its digest.</param>
    /// <param name="size">Its size; not a byte more is taken.</param>
    /// <param name="what">Its name, for messages.</param>
    /// <param name="got">Told of every piece, in bytes.</param>
    /// <param name="cancel">Ends it; what came is kept.</param>
    public async Task<DownloadEnd> FetchAsync(Sha256Digest digest, long size, string what, Action<long> got, CancellationToken cancel)
    {
        var path = files.IncomingPathOf(digest);
        try
        {
            var have = HeldBytes(path, size);
            if (have < size || size == 0)
            {
                // The window within which something must come; renewed by every kilobyte, so neither a dead link nor a dripping server holds the slot.
                using var window = new CancellationTokenSource(TimeSpan.FromSeconds(options.AnswerSeconds), time);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(window.Token, cancel);
                if (await ReceiveAsync(digest, path, have, size, what, got, window, either.Token) is { } failed)
                    return failed;
            }

            return await files.AdoptIncomingAsync(digest, cancel) is { } wrong
                ? Again($"{what} came wrong: {wrong} It was deleted and is fetched anew.")
                : new DownloadEnd.Done();
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return Again($"The server sent nothing of {what} for {options.StallSeconds} s.");
        }
        catch (HttpRequestException e)
        {
            return Again($"{what} was not fetched: {e.Message}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Again($"{what} was not fetched to {path}: {e.Message}");
        }
    }

    private async Task<DownloadEnd.Failed?> ReceiveAsync(
        Sha256Digest digest, string path, long have, long size, string what, Action<long> got, CancellationTokenSource window, CancellationToken cancel)
    {
        using var answer = await source.GetAsync(digest, have > 0 ? have : null, cancel);
        switch (answer.StatusCode)
        {
            case HttpStatusCode.PartialContent when have > 0 && answer.Content.Headers.ContentRange is { } range
                && range.From == have && (range.Length ?? size) == size:
                break;
            case HttpStatusCode.OK:
                have = 0;
                break;
            case HttpStatusCode.PartialContent or HttpStatusCode.RequestedRangeNotSatisfiable:
                files.Disk.Delete(path);
                return Again($"The server gave another range of {what} than was asked for; it is fetched anew.");
            default:
                var wait = answer.Headers.RetryAfter;
                return DownloadPolicy.Refusal(answer.StatusCode, what, wait?.Delta ?? (wait?.Date - time.GetUtcNow()));
        }

        await using var body = await answer.Content.ReadAsStreamAsync(cancel);
        await using var file = files.Disk.Open(path, have == 0 ? FileMode.Create : FileMode.Append);
        var end = await CopyAsync(body, file, have, size, got, window, cancel);
        if (end > size)
        {
            await file.DisposeAsync();
            files.Disk.Delete(path);
            return Again($"The server sent more of {what} than its {size} bytes; it was deleted and is fetched anew.");
        }

        return end == size ? null : Again($"{what} was cut off after {end} of {size} bytes.");
    }

    private async Task<long> CopyAsync(
        Stream body, FileStream file, long have, long size, Action<long> got, CancellationTokenSource window, CancellationToken cancel)
    {
        var buffer = new byte[81920];
        var (sinceWindow, sinceSync) = (0, 0);
        var stall = TimeSpan.FromSeconds(options.StallSeconds);
        window.CancelAfter(stall);
        int read;
        while ((read = await body.ReadAsync(buffer, cancel)) > 0 && (have += read) <= size)
        {
            await files.Disk.WriteAsync(file, buffer.AsMemory(0, read), cancel);
            got(read);
            if ((sinceWindow += read) >= options.StallBytesMin)
            {
                sinceWindow = 0;
                window.CancelAfter(stall);
            }

            if ((sinceSync += read) >= SyncEveryBytes)
            {
                sinceSync = 0;
                files.Disk.Sync(file.SafeFileHandle, file.Name);
            }
        }

        return have;
    }

    private long HeldBytes(string path, long size)
    {
        var held = File.Exists(path) ? new FileInfo(path).Length : 0;
        if (held <= size)
            return held;

        files.Disk.Delete(path);
        return 0;
    }

    private static DownloadEnd.Failed Again(string reason) => new(reason, FailureKind.Local, Final: false);
}
