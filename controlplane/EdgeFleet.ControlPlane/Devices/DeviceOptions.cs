using System.ComponentModel.DataAnnotations;

namespace EdgeFleet.ControlPlane.Devices;

/// <summary>From when on a silent device is late, and lost.</summary>
internal sealed class DeviceOptions
{
    /// <summary>Section of the configuration.</summary>
    public const string Section = "Devices";

    /// <summary>Minutes of silence after which a connected device is late: two batches of 15 minutes and some.</summary>
    [Range(0.01, 100_000)]
    public double LateAfterMinutes { get; set; } = 35;

    /// <summary>Hours of silence after which a device is lost.</summary>
    [Range(0.001, 10_000)]
    public double LostAfterHours { get; set; } = 24;

    /// <summary>Hours that a device may sleep before it is late.</summary>
    [Range(0.001, 10_000)]
    public double SleepMaxHours { get; set; } = 26;
}
