using System.ComponentModel.DataAnnotations;

namespace EdgeFleet.ControlPlane.Rollouts;

/// <summary>How rollouts are looked after. Section <c>Rollouts</c>.</summary>
internal sealed class RolloutOptions
{
    public const string Section = "Rollouts";

    /// <summary>Seconds between two looks at the rollouts that are open.</summary>
    [Range(0.05, 3600)]
    public double TickSeconds { get; set; } = 10;

    /// <summary>Times that a device which failed by its disk, link or heat is asked again within a rollout.</summary>
    [Range(0, 100)]
    public int LocalRetriesMax { get; set; } = 2;

    /// <summary>Minutes before it is asked again.</summary>
    [Range(0, 100_000)]
    public double LocalRetryMinutes { get; set; } = 15;
}
