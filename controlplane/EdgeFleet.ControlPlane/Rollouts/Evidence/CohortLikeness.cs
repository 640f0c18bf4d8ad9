namespace EdgeFleet.ControlPlane.Rollouts.Evidence;

/// <summary>Whether the devices on either side are alike in what they are. A difference does not decide anything; it is said beside what does.</summary>
internal static class CohortLikeness
{
    private const double ShareMin = 0.2;
    private const double TimesMore = 2;
    private const int DevicesMin = 5;

    /// <summary>Says the kind that is most more frequent on one side, by at least twice; null when none is.</summary>
    public static string? Say(string what, IReadOnlyList<DeviceEvidence> devices, Func<string, string?> kindOf)
    {
        var (on, beside) = (devices.Where(d => d.IsCandidate).ToList(), devices.Where(d => !d.IsCandidate).ToList());
        if (on.Count < DevicesMin || beside.Count < DevicesMin)
            return null;

        var unlike = devices.Select(d => kindOf(d.Device) ?? "").Where(k => k.Length > 0).Distinct()
            .Select(kind => (Kind: kind, On: Share(on, kind), Beside: Share(beside, kind)))
            .Where(s => Math.Max(s.On, s.Beside) >= ShareMin && Math.Max(s.On, s.Beside) > TimesMore * Math.Min(s.On, s.Beside))
            .OrderByDescending(s => Math.Abs(s.On - s.Beside)).ToList();
        return unlike.Count == 0
            ? null
            : FormattableString.Invariant($"The sides differ in {what}: '{unlike[0].Kind}' is {100 * unlike[0].On:0} % of the devices on it and {100 * unlike[0].Beside:0} % of those beside it.");

        double Share(List<DeviceEvidence> side, string kind) => (double)side.Count(d => kindOf(d.Device) == kind) / side.Count;
    }
}
