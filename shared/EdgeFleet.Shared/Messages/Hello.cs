using EdgeFleet.Shared.Identity;

namespace EdgeFleet.Shared.Messages;

/// <summary>First message of a connection: who speaks, what it holds and what waits. The control plane answers with acks and, if newer, desired state.</summary>
public sealed record Hello
{
    /// <summary>Major version of the message.</summary>
    public int V { get; set; } = 1;

    /// <summary>Random id made together with the outbox; a new one means a new or lost store.</summary>
    public required string Epoch { get; init; }

    /// <summary>The kernel's boot id.</summary>
    public required string Boot { get; init; }

    /// <summary>Number of this connection, growing; the same in the last will, so that a late will of an old session is told apart.</summary>
    public required long Session { get; init; }

    /// <summary>Agent version.</summary>
    public required string Agent { get; init; }

    /// <summary>Operating system, as it names itself.</summary>
    public string Os { get; set; } = "";

    /// <summary><c>x64</c> or <c>arm64</c>.</summary>
    public string Arch { get; set; } = "";

    /// <summary>Board, for example <c>orin-nano</c> or <c>generic</c>.</summary>
    public string Hardware { get; set; } = "";

    /// <summary>Version of the desired document the device holds, 0 for none.</summary>
    public long DesiredVersion { get; init; }

    /// <summary>Number of the last connection that stood, when another client that came as this device ended it; null when none did.</summary>
    public long? TakenOver { get; init; }

    /// <summary>Number of the last command the device has taken, 0 for none.</summary>
    public long CommandNumber { get; init; }

    /// <summary><c>ntp</c>, <c>rtc</c> or <c>none</c>: how far the device's wall clock is to be trusted.</summary>
    public string Clock { get; set; } = "none";

    /// <summary>Device time at sending, Unix ms.</summary>
    public long At { get; init; }

    /// <summary>Records that wait in the outbox, by stream.</summary>
    public Dictionary<string, long> Waiting { get; set; } = [];

    /// <summary>Slots of this device.</summary>
    public IReadOnlyList<SlotName> Slots { get; set; } = [];
}
