using EdgeFleet.Agent.Updates.Evidence;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.Agent.Updates;

/// <summary>Tells whether the inputs still look as they did under the model before. Pure. What is not known is taken for changed: then nobody is blamed for what he answers.</summary>
internal static class SceneCheck
{
    private const double DeviationsMax = 4;
    private const double LevelShare = 0.02;
    private const double LevelMin = 1e-3;
    private const int FeaturesPerChange = 8;

    /// <summary>True when the same scene is seen. One feature in eight may wander off: some jump by nature, as motion does.</summary>
    public static bool IsSame(InputSummary? before, InputSummary? now)
    {
        if (before is null || now is null || before.Means.Count != now.Means.Count || before.IsSeries != now.IsSeries)
            return false;

        var off = 0;
        for (var f = 0; f < now.Means.Count; f++)
        {
            var floor = now.IsSeries ? LevelShare * Math.Max(Math.Abs(before.Means[f]), LevelMin) : ImageFeatures.All[f].Floor;
            off += Math.Abs(now.Means[f] - before.Means[f]) > DeviationsMax * Math.Max(before.Deviations[f], floor) ? 1 : 0;
        }

        return off <= Math.Max(0, now.Means.Count / FeaturesPerChange - 1);
    }
}
