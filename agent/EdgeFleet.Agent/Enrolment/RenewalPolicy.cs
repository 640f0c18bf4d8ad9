using EdgeFleet.Shared.Trust;

namespace EdgeFleet.Agent.Enrolment;

/// <summary>When a certificate is to be renewed, and when somebody must be told that it is not. Pure.</summary>
internal static class RenewalPolicy
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromHours(1);
    private static readonly TimeSpan RetryFirst = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan RetryMax = TimeSpan.FromHours(6);

    /// <summary>True when a third of its life, or less, is left.</summary>
    public static bool IsDue(DateTimeOffset begins, DateTimeOffset ends, JudgedTime time) => time.Now >= ends - ((ends - begins) / 3);

    /// <summary>True when its life is over: it may only be renewed.</summary>
    public static bool IsOver(DateTimeOffset ends, JudgedTime time) => time.Now >= ends;

    /// <summary>
    /// True when a renewal that fails is to be reported. A refusal is, at once; that nobody could be reached only when a sixth of the life is left
    /// (two months of a year), because a board that is alone for months is as it should be.
    /// </summary>
    public static bool IsToBeReported(DateTimeOffset begins, DateTimeOffset ends, JudgedTime time, bool wasReached) =>
        wasReached || time.Now >= ends - ((ends - begins) / 6);

    /// <summary>How long to wait before looking again.</summary>
    /// <param name="begins">Begin of the certificate.</param>
    /// <param name="ends">End of the certificate.</param>
    /// <param name="time">When it is.</param>
    /// <param name="failures">Attempts that failed one after another.</param>
    /// <param name="random">0 to 1, so that a fleet that lost its control plane does not come back in step.</param>
    public static TimeSpan Wait(DateTimeOffset begins, DateTimeOffset ends, JudgedTime time, int failures, double random)
    {
        if (failures == 0)
            return Shorter(LookEvery, ends - ((ends - begins) / 3) - time.Now);

        // A certificate of a short life is tried more often than one of a year.
        var first = Shorter(RetryFirst, (ends - begins) / 100);
        var pause = Shorter(RetryMax, first * Math.Pow(2, Math.Min(failures - 1, 20)));
        return pause * (0.5 + (random / 2));
    }

    private static TimeSpan Shorter(TimeSpan a, TimeSpan b) => (a < b ? a : b) is var least && least > TimeSpan.FromMilliseconds(100) ? least : TimeSpan.FromMilliseconds(100);
}
