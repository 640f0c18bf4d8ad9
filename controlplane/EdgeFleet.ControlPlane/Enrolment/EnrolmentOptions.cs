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

    /// <summary>Days that a device's certificate lives: three times the longest outage to be expected. It is renewed when a third is left.</summary>
    [Range(0.0001, 3650)]
    public double CertificateDays { get; set; } = 365;

    /// <summary>Most boards that may wait for approval at once; more are turned away until some are decided.</summary>
    [Range(0, 10_000)]
    public int WaitingMax { get; set; } = 100;

    /// <summary>Hours after which a board that no longer asks is forgotten.</summary>
    [Range(0.01, 8760)]
    public double WaitingHours { get; set; } = 24;
}
