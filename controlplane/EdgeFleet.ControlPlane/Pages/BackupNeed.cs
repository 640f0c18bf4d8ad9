namespace EdgeFleet.ControlPlane.Pages;

/// <summary>Says that a backup is due.</summary>
internal static class BackupNeed
{
    private static readonly TimeSpan AgeMax = TimeSpan.FromDays(7);

    /// <summary>What needs a person, if anything does.</summary>
    /// <param name="last">When the last backup was made; null for never.</param>
    /// <param name="since">Since when there has been something to lose.</param>
    /// <param name="now">The moment.</param>
    public static IEnumerable<Need> Of(DateTimeOffset? last, DateTimeOffset since, DateTimeOffset now)
    {
        if (now - (last ?? since) > AgeMax)
            yield return new Need("warning", "warning", "Backup", $"{(last is { } made ? $"The last backup was made {Words.Ago(made, now)}." : "There has never been a backup.")} If this machine is lost, boards have to be enrolled again: `edgefleet-controlplane backup FILE`", "Look", "/enrolment");
    }
}
