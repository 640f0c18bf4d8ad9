using System.ComponentModel.DataAnnotations;

namespace EdgeFleet.ControlPlane.Models;

/// <summary>What pushed packages may cost. Section <c>Packages</c>.</summary>
internal sealed class PackageOptions
{
    public const string Section = "Packages";

    /// <summary>Largest file, in bytes.</summary>
    [Range(1, long.MaxValue)]
    public long FileBytesMax { get; set; } = 2L * 1024 * 1024 * 1024;

    /// <summary>Bytes that must stay free on the disk after an upload.</summary>
    [Range(0, long.MaxValue)]
    public long FreeBytesMin { get; set; } = 256L * 1024 * 1024;

    /// <summary>Seconds that the check of a package may take.</summary>
    [Range(1, 3600)]
    public double CheckSeconds { get; set; } = 300;

    /// <summary>Memory that the check may take for data, in MB.</summary>
    [Range(128, 65_536)]
    public int CheckMemoryMb { get; set; } = 2048;

    /// <summary>Days that a signed snapshot of the list of packages lives; it is signed anew when half of them are over.</summary>
    [Range(1, 3650)]
    public double SnapshotDays { get; set; } = 30;

    /// <summary>Days that a signed timestamp lives, which is how long newer lists can be held back from a board; signed anew when half of them are over.</summary>
    [Range(0.1, 3650)]
    public double TimestampDays { get; set; } = 7;
}
