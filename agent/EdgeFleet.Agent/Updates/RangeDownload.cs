using System.Net;
using EdgeFleet.Agent.Updates.Budget;
using EdgeFleet.Shared.Files;
using EdgeFleet.Shared.Messages;

namespace EdgeFleet.Agent.Updates;

/// <summary>What is asked of a server.</summary>
/// <param name="What">Its name, for messages.</param>
/// <param name="Path">Where it is gathered.</param>
/// <param name="BytesMax">Its size; not a byte more is taken.</param>
/// <param name="IsExact">False where only the server knows the size, which is at most <paramref name="BytesMax"/>.</param>
/// <param name="Get">Asks, from a byte on.</param>
internal sealed record Asked(string What, string Path, long BytesMax, bool IsExact, Func<ByteRange?, CancellationToken, Task<HttpResponseMessage>> Get)
{
    /// <summary>Told the size before a byte of it is written; a text refuses it.</summary>
    public Func<long, string?> Refuse { get; init; } = _ => null;
}

/// <summary>Gathers what a server sends in a file, going on where an earlier try or an earlier boot stopped.</summary>
internal sealed class RangeDownload(FileCalls disk, UpdateOptions options, DataBudget budget, TimeProvider time)
{
    private const int SyncEveryBytes = 8 * 1024 * 1024;

    /// <summary>Gathers it.</summary>
    /// <param name="asked">What.</param>
    /// <param name="got">Told of every piece, in bytes.</param>
    /// <param name="cancel">Ends it; what came is kept.</param>
    public async Task<DownloadEnd> FetchAsync(Asked asked, Action<long> got, CancellationToken cancel)
    {
        try
        {
            var have = HeldBytes(asked);
            if (have == asked.BytesMax && asked.IsExact && have > 0)
                return new DownloadEnd.Done();
            if (budget.Left() == 0)
                return new DownloadEnd.Waits(budget.Why());

            // The window within which something must come; renewed by every kilobyte, so neither a dead link nor a dripping server holds the slot.
            using var window = new CancellationTokenSource(TimeSpan.FromSeconds(options.AnswerSeconds), time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(window.Token, cancel);
            return await ReceiveAsync(asked, have, got, window, either.Token) ?? new DownloadEnd.Done();
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return Again($"The server sent nothing of {asked.What} for {options.StallSeconds} s.");
        }
        catch (HttpRequestException e)
        {
            return Again($"{asked.What} was not fetched: {e.Message}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Again($"{asked.What} was not fetched to {asked.Path}: {e.Message}");
        }
        finally
        {
            budget.Settle();
        }
    }

    private async Task<DownloadEnd?> ReceiveAsync(Asked asked, long have, Action<long> got, CancellationTokenSource window, CancellationToken cancel)
    {
        // Of what the day does not have, nothing is asked: a body that is left unread has come over the link all the same.
        var left = budget.Left();
        long? last = left < asked.BytesMax - have ? have + left - 1 : null;
        using var answer = await asked.Get(have > 0 || last is not null ? new ByteRange(have, last) : null, cancel);
        var size = asked.IsExact ? asked.BytesMax : answer.Content.Headers.ContentRange?.Length ?? answer.Content.Headers.ContentLength ?? long.MaxValue;
        switch (answer.StatusCode)
        {
            case HttpStatusCode.PartialContent when (have > 0 || last is not null) && answer.Content.Headers.ContentRange is { } range
                && range.From == have && (range.Length ?? size) == size:
                break;
            case HttpStatusCode.OK when last is not null && size > left:
                return budget.DayBytes() is { } day && size > day
                    ? new DownloadEnd.Failed($"{asked.What} has {size} bytes, more than a day may fetch here, and the server gives no parts of it. Raise the day's data (Updates:{nameof(UpdateOptions.DayBudgetMb)}, {nameof(UpdateOptions.DayBudgetMeteredMb)}), or serve packages with ranges.", FailureKind.Local, Final: true)
                    : new DownloadEnd.Waits(budget.Why());
            case HttpStatusCode.OK:
                (have, last) = (0, null);
                break;
            case HttpStatusCode.PartialContent or HttpStatusCode.RequestedRangeNotSatisfiable:
                disk.Delete(asked.Path);
                return Again($"The server gave another range of {asked.What} than was asked for; it is fetched anew.");
            default:
                var wait = answer.Headers.RetryAfter;
                return DownloadPolicy.Refusal(answer.StatusCode, asked.What, wait?.Delta ?? (wait?.Date - time.GetUtcNow()));
        }

        if (size > asked.BytesMax)
            return Again($"The server does not say how large {asked.What} is, or it has more than {asked.BytesMax} bytes.");
        if (asked.Refuse(size) is { } refused)
            return Again(refused);

        await using var body = await answer.Content.ReadAsStreamAsync(cancel);
        await using var file = disk.Open(asked.Path, have == 0 ? FileMode.Create : FileMode.Append);
        var whole = last is { } bound && bound + 1 < size ? bound + 1 : size;
        var (end, isSpent) = await CopyAsync(body, file, have, whole, got, window, cancel);
        if (end > whole)
        {
            await file.DisposeAsync();
            disk.Delete(asked.Path);
            return Again($"The server sent more of {asked.What} than its {size} bytes; it was deleted and is fetched anew.");
        }

        return end == size ? null
            : isSpent || end == whole ? new DownloadEnd.Waits(budget.Why())
            : Again($"{asked.What} was cut off after {end} of {size} bytes.");
    }

    private async Task<(long End, bool IsSpent)> CopyAsync(
        Stream body, FileStream file, long have, long size, Action<long> got, CancellationTokenSource window, CancellationToken cancel)
    {
        var buffer = new byte[81920];
        var (sinceWindow, sinceSync) = (0, 0);
        var stall = TimeSpan.FromSeconds(options.StallSeconds);
        window.CancelAfter(stall);
        int read;
        while ((read = await body.ReadAsync(buffer, cancel)) > 0 && (have += read) <= size)
        {
            await disk.WriteAsync(file, buffer.AsMemory(0, read), cancel);
            got(read);
            // The link may have become another one meanwhile.
            if (!budget.Spend(read) && have < size)
                return (have, true);
            if ((sinceWindow += read) >= options.StallBytesMin)
            {
                sinceWindow = 0;
                window.CancelAfter(stall);
            }

            if ((sinceSync += read) >= SyncEveryBytes)
            {
                sinceSync = 0;
                disk.Sync(file.SafeFileHandle, file.Name);
            }
        }

        return (have, false);
    }

    private long HeldBytes(Asked asked)
    {
        var held = File.Exists(asked.Path) ? new FileInfo(asked.Path).Length : 0;
        if (held <= asked.BytesMax)
            return held;

        disk.Delete(asked.Path);
        return 0;
    }

    private static DownloadEnd.Failed Again(string reason) => new(reason, FailureKind.Local, Final: false);
}
