namespace EdgeFleet.ControlPlane.Rollouts.Evidence;

/// <summary>
/// The spans of a look, Unix ms: the same for every device, so that what comes with the hour, the weather or the season comes to both sides alike and cancels out.
/// </summary>
/// <param name="BeforeFrom">Begin of the time before the rollout.</param>
/// <param name="BeforeTo">The rollout's start.</param>
/// <param name="AfterFrom">Begin of the time up to the look.</param>
/// <param name="AfterTo">The look.</param>
internal readonly record struct EvidenceWindows(long BeforeFrom, long BeforeTo, long AfterFrom, long AfterTo)
{
    private const long MinuteMs = 60_000;
    private const long MinutesBefore = 24 * 60;
    private const long MinutesOfRows = 60;
    private const long MinutesOfProfiles = 180;

    /// <summary>Spans of minute rows: the day before the rollout, and an hour up to the look.</summary>
    public static EvidenceWindows OfMinutes(Rollout rollout, long now) => Of(rollout, now, MinutesOfRows);

    /// <summary>Spans of profiles, which are made by the hour.</summary>
    public static EvidenceWindows OfProfiles(Rollout rollout, long now) => Of(rollout, now, MinutesOfProfiles);

    /// <summary>Where a minute or profile belongs: -1 before, 1 after, 0 nowhere. The package's own minutes never count as before, others never as a candidate's after.</summary>
    /// <param name="at">Begin of the record.</param>
    /// <param name="model">Model that answered, as <c>name@version</c>.</param>
    /// <param name="package">The package, likewise.</param>
    /// <param name="isCandidate">Whose it is.</param>
    public int SideOf(long at, string model, string package, bool isCandidate)
    {
        var isPackage = model == package;
        if (at >= BeforeFrom && at < BeforeTo && !isPackage)
            return -1;
        return at >= AfterFrom && at < AfterTo && isPackage == isCandidate ? 1 : 0;
    }

    private static EvidenceWindows Of(Rollout rollout, long now, long minutes) =>
        new(rollout.Started - MinutesBefore * MinuteMs, rollout.Started, Math.Max(rollout.Started, now - minutes * MinuteMs), now);
}
