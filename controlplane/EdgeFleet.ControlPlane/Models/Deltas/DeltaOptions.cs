using System.ComponentModel.DataAnnotations;

namespace EdgeFleet.ControlPlane.Models.Deltas;

/// <summary>What deltas between versions of a package may cost. Section <c>Deltas</c>.</summary>
internal sealed class DeltaOptions
{
    public const string Section = "Deltas";

    /// <summary>Largest file for which a delta is made, in MB; 0 makes none. Making takes about ten times the file in memory.</summary>
    [Range(0, 2047)]
    public int FileMbMax { get; set; } = 64;

    /// <summary>Memory that making one may take for data, in MB.</summary>
    [Range(128, 65_536)]
    public int MakeMemoryMb { get; set; } = 2048;

    /// <summary>Seconds that making one may take.</summary>
    [Range(1, 86_400)]
    public double MakeSeconds { get; set; } = 600;

    /// <summary>Disk space that deltas take, in MB; the one that was asked for longest ago goes first.</summary>
    [Range(1, 1024 * 1024)]
    public int StoreMbMax { get; set; } = 1024;

    /// <summary>Seconds that a board which asks first is kept waiting for a delta that is being made; then it is told to come back. Boards wait 30 s for an answer.</summary>
    [Range(0, 25)]
    public double WaitSeconds { get; set; } = 15;

    /// <summary>Deltas waiting to be made; whoever asks for one more is told to come back.</summary>
    [Range(1, 10_000)]
    public int QueueMax { get; set; } = 64;
}
