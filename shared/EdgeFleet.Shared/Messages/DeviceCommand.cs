using EdgeFleet.Shared.Identity;

namespace EdgeFleet.Shared.Messages;

/// <summary>
/// Something a device is told to do once, inside a signed <see cref="Trust.Envelope"/>. Numbers only grow: a command whose number is not above the
/// last one taken is never done again. It carries no expiry, because clocks on boards lie.
/// </summary>
public sealed record DeviceCommand
{
    /// <summary>Payload type in the envelope.</summary>
    public const string PayloadType = "application/vnd.edgefleet.command+json";

    /// <summary>Major version of the message.</summary>
    public int V { get; set; } = 1;

    /// <summary>Device it is for; any other refuses it.</summary>
    public required DeviceId Device { get; init; }

    /// <summary>Id, the last level of its topic.</summary>
    public required string Id { get; init; }

    /// <summary>Grows with every command of the device.</summary>
    public required long Number { get; init; }

    /// <summary>One of <see cref="CommandKind"/>; a device answers "refused" to any other.</summary>
    public required string Kind { get; init; }
}

/// <summary>What a device can be told to do. There is no other, and never a shell.</summary>
public static class CommandKind
{
    /// <summary>Start the agent anew.</summary>
    public const string Restart = "restart";

    /// <summary>Delete models, records that wait, and the identity. Needs a second person.</summary>
    public const string Wipe = "wipe";

    /// <summary>Forget what is usual at the site, in every slot, and learn it anew: after a camera was moved or a lens cleaned.</summary>
    public const string Rebaseline = "rebaseline";

    /// <summary>Those that this version knows.</summary>
    public static IReadOnlyList<string> All { get; } = [Restart, Rebaseline, Wipe];
}

/// <summary>What became of a command, on <c>up/cmd/{id}</c>.</summary>
public sealed record CommandResult
{
    /// <summary>Major version of the message.</summary>
    public int V { get; set; } = 1;

    /// <summary>Number of the command.</summary>
    public required long Number { get; init; }

    /// <summary><c>done</c> (or about to be done, and kept durably), <c>refused</c> or <c>stale</c>.</summary>
    public required string State { get; init; }

    /// <summary>Highest number that the device has taken.</summary>
    public long Held { get; init; }

    /// <summary>A sentence for people.</summary>
    public string Text { get; set; } = "";
}
