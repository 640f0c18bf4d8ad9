using System.ComponentModel.DataAnnotations;

namespace EdgeFleet.ControlPlane.Enrolment;

/// <summary>Bounds of enrolment. Section <c>Enrolment</c>.</summary>
internal sealed class EnrolmentOptions
{
    public const string Section = "Enrolment";

    /// <summary>Enrolments that one address may try in a minute.</summary>
    [Range(1, 100_000)]
    public int RequestsPerMinute { get; set; } = 60;

    /// <summary>Most uses of one token.</summary>
    [Range(1, 1_000_000)]
    public int UsesMax { get; set; } = 10_000;

    /// <summary>Longest life of a token, in hours.</summary>
    [Range(1, 8760)]
    public int ExpiresHoursMax { get; set; } = 720;
}
