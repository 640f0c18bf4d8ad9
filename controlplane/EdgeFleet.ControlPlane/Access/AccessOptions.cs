using System.ComponentModel.DataAnnotations;

namespace EdgeFleet.ControlPlane.Access;

/// <summary>How people sign in. Section <c>Access</c>.</summary>
internal sealed class AccessOptions
{
    public const string Section = "Access";

    /// <summary>How long a bearer token lasts.</summary>
    [Range(1, 366)]
    public int TokenDays { get; set; } = 30;

    /// <summary>How long a browser stays signed in without being used.</summary>
    [Range(1, 24 * 31)]
    public int SignInHours { get; set; } = 12;

    /// <summary>Attempts that fail for one account within the window before it must wait.</summary>
    [Range(1, 1000)]
    public int FailuresPerAccountMax { get; set; } = 10;

    /// <summary>Attempts that fail from one address within the window before it must wait.</summary>
    [Range(1, 10000)]
    public int FailuresPerAddressMax { get; set; } = 30;

    /// <summary>Length of that window.</summary>
    [Range(1, 24 * 60)]
    public int FailureWindowMinutes { get; set; } = 5;
}
