using System.Net;
using EdgeFleet.Shared.Messages;

namespace EdgeFleet.Agent.Updates;

/// <summary>How a download ended.</summary>
internal abstract record DownloadEnd
{
    /// <summary>What deltas did; null when none was asked for.</summary>
    public DeltaUse? Deltas { get; init; }

    /// <summary>Everything is on disk.</summary>
    internal sealed record Done : DownloadEnd;

    /// <summary>The day's data are used up; what came is kept, and it goes on when there are more. No failure.</summary>
    internal sealed record Waits(string Why) : DownloadEnd;

    /// <summary>It is not; trying again may help unless it is final.</summary>
    internal sealed record Failed(string Reason, FailureKind Failure, bool Final, TimeSpan? RetryAfter = null) : DownloadEnd;
}

/// <summary>Part of a file, as it is asked of a server.</summary>
/// <param name="From">First byte.</param>
/// <param name="To">Last byte; null for all that follow.</param>
internal readonly record struct ByteRange(long From, long? To = null);

/// <summary>What answers of a server and failures of a link mean, and how long to wait between tries. Pure.</summary>
internal static class DownloadPolicy
{
    /// <summary>What an answer that brings no file means.</summary>
    public static DownloadEnd.Failed Refusal(HttpStatusCode status, string what, TimeSpan? retryAfter)
    {
        var code = (int)status;
        return status switch
        {
            HttpStatusCode.NotFound or HttpStatusCode.Gone =>
                new($"The server has no {what} ({code}). Publish the package again.", FailureKind.Deterministic, Final: true),
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden =>
                new($"The server refuses this board {what} ({code}). Check that its certificate is not revoked.", FailureKind.Local, Final: true),
            HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests =>
                new($"The server asks to wait for {what} ({code}).", FailureKind.Local, Final: false, retryAfter),
            _ when code is >= 300 and < 400 =>
                new($"The answer for {what} points elsewhere ({code}): a captive portal? Log the board's network in.", FailureKind.Local, Final: false),
            _ when code is >= 400 and < 500 =>
                new($"The server refuses {what} ({code}).", FailureKind.Local, Final: true),
            _ => new($"The server could not give {what} ({code}).", FailureKind.Local, Final: false, retryAfter),
        };
    }

    /// <summary>The wait before a try: doubling, capped, with jitter, so that a fleet does not come back at once. A server's own wish counts up to the cap.</summary>
    /// <param name="attempt">The try, from 1, which waits for nothing.</param>
    /// <param name="retryAfter">What the server asked for.</param>
    /// <param name="options">First and longest wait.</param>
    /// <param name="random">A number from 0 to 1.</param>
    public static TimeSpan Backoff(int attempt, TimeSpan? retryAfter, UpdateOptions options, double random)
    {
        if (attempt <= 1)
            return TimeSpan.Zero;

        var doubled = options.BackoffSecondsFirst * Math.Pow(2, Math.Min(attempt - 2, 30));
        var seconds = Math.Min(options.BackoffSecondsMax, Math.Max(doubled, retryAfter?.TotalSeconds ?? 0));
        return TimeSpan.FromSeconds(seconds * (0.5 + (random / 2)));
    }
}
