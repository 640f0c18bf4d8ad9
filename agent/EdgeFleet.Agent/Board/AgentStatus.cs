using EdgeFleet.Agent.Connectivity;
using EdgeFleet.Shared.Messages;

namespace EdgeFleet.Agent.Board;

/// <summary>How a running agent stands, for a person at the board.</summary>
internal sealed record AgentStatus
{
    /// <summary>Version of the document.</summary>
    public int V { get; set; } = 1;

    /// <summary>Version of the agent.</summary>
    public required string Agent { get; init; }

    /// <summary>Process.</summary>
    public required int Pid { get; init; }

    /// <summary>Since when it runs, Unix ms.</summary>
    public required long StartedAt { get; init; }

    /// <summary>When this was said, Unix ms.</summary>
    public required long At { get; init; }

    /// <summary>Device id; null while the board belongs to no fleet.</summary>
    public string? Device { get; init; }

    /// <summary>The connection to the control plane.</summary>
    public required LinkState Link { get; init; }

    /// <summary>Records that wait for an acknowledgement, by stream.</summary>
    public required IReadOnlyDictionary<string, long> Waiting { get; init; }

    /// <summary>Disk of the state folder.</summary>
    public required DiskRoom Disk { get; init; }

    /// <summary>Version of the desired document in force, 0 for none.</summary>
    public long DesiredVersion { get; init; }

    /// <summary>Slots: what serves, how the last update went, where samples went.</summary>
    public required IReadOnlyList<ReportedSlot> Slots { get; init; }

    /// <summary>Power and heat of the board; null from an agent that does not look at them.</summary>
    public ReportedPower? Power { get; init; }

    /// <summary>What is wrong and what to do, oldest first.</summary>
    public required IReadOnlyList<HealthWarning> Warnings { get; init; }
}

/// <summary>Room on a disk, in MB.</summary>
/// <param name="FreeMb">Free for the agent's user.</param>
/// <param name="TotalMb">In all.</param>
internal sealed record DiskRoom(double FreeMb, double TotalMb)
{
    private const double Mb = 1024 * 1024;

    /// <summary>Room on the disk that holds a folder; zeros when that cannot be told.</summary>
    public static DiskRoom Of(string folder)
    {
        try
        {
            var drive = new DriveInfo(folder);
            return new DiskRoom(Math.Round(drive.AvailableFreeSpace / Mb, 1), Math.Round(drive.TotalSize / Mb, 1));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return new DiskRoom(0, 0);
        }
    }
}
