using EdgeFleet.Shared.Identity;

namespace EdgeFleet.Shared.Topics;

/// <summary>What a topic below <c>ef/1/d/{device}/</c> carries.</summary>
public enum TopicKind
{
    /// <summary><c>up/hello</c>: birth of a connection.</summary>
    Hello,

    /// <summary><c>up/reported</c>: what the device runs.</summary>
    Reported,

    /// <summary><c>up/tele/{stream}</c>: batches of records.</summary>
    Telemetry,

    /// <summary><c>up/event/{type}</c>: what a device noticed.</summary>
    Event,

    /// <summary><c>up/blob/{sha256}</c>: a photo or sample, at most 96 kB.</summary>
    Blob,

    /// <summary><c>up/cmd/{id}</c>: answer to a command.</summary>
    CommandResult,

    /// <summary><c>up/log</c>: log lines on request.</summary>
    Log,

    /// <summary><c>state</c>: retained presence, and the last will.</summary>
    Presence,

    /// <summary><c>down/desired</c>: one whole signed document.</summary>
    Desired,

    /// <summary><c>down/cmd/{id}</c>: a signed command.</summary>
    Command,

    /// <summary><c>down/ack</c>: cumulative acknowledgements of committed records.</summary>
    Ack,
}

/// <summary>A topic taken apart: whose it is, what it carries, and the last level where there is one.</summary>
public readonly record struct TopicAddress(DeviceId Device, TopicKind Kind, string? Detail = null);

/// <summary>The topics of dialect <c>ef/1</c>, as functions with an inverse. No other code spells a topic.</summary>
public static class Topic
{
    /// <summary>Root of all device topics, with the major version of the wire in it.</summary>
    public const string Root = "ef/1/d";

    /// <summary>Longest topic that is looked at, in characters.</summary>
    public const int LengthMax = 160;

    /// <summary>The one subscription of a device.</summary>
    public static string AllDown(DeviceId device) => $"{Root}/{device}/down/#";

    /// <summary>The topic of an address.</summary>
    /// <exception cref="ArgumentException">The kind needs a last level and there is none, or the other way round.</exception>
    public static string Format(TopicAddress address)
    {
        var (path, hasDetail) = Path(address.Kind);
        if (hasDetail != address.Detail is not null || (hasDetail && !IsDetail(address.Detail)))
            throw new ArgumentException($"{address.Kind} with detail '{address.Detail}' is not a topic.", nameof(address));

        return hasDetail ? $"{Root}/{address.Device}/{path}/{address.Detail}" : $"{Root}/{address.Device}/{path}";
    }

    /// <summary>Inverse of <see cref="Format"/>; false for any other text.</summary>
    public static bool TryParse(string? topic, out TopicAddress address)
    {
        address = default;
        if (topic is null || topic.Length > LengthMax || !topic.StartsWith(Root + "/", StringComparison.Ordinal))
            return false;

        var levels = topic[(Root.Length + 1)..].Split('/');
        if (!DeviceId.TryParse(levels[0], out var device))
            return false;

        TopicAddress? parsed = levels[1..] switch
        {
            ["up", "hello"] => new(device, TopicKind.Hello),
            ["up", "reported"] => new(device, TopicKind.Reported),
            ["up", "tele", var stream] => new(device, TopicKind.Telemetry, stream),
            ["up", "event", var type] => new(device, TopicKind.Event, type),
            ["up", "blob", var digest] => new(device, TopicKind.Blob, digest),
            ["up", "cmd", var id] => new(device, TopicKind.CommandResult, id),
            ["up", "log"] => new(device, TopicKind.Log),
            ["state"] => new(device, TopicKind.Presence),
            ["down", "desired"] => new(device, TopicKind.Desired),
            ["down", "cmd", var id] => new(device, TopicKind.Command, id),
            ["down", "ack"] => new(device, TopicKind.Ack),
            _ => null,
        };

        if (parsed is not { } found || (found.Detail is not null && !IsDetail(found.Detail)))
            return false;

        address = found;
        return true;
    }

    /// <summary>True if a device may publish to a topic of this kind (its own, that is).</summary>
    public static bool IsUp(TopicKind kind) => kind is not (TopicKind.Desired or TopicKind.Command or TopicKind.Ack);

    private static (string Path, bool HasDetail) Path(TopicKind kind) => kind switch
    {
        TopicKind.Hello => ("up/hello", false),
        TopicKind.Reported => ("up/reported", false),
        TopicKind.Telemetry => ("up/tele", true),
        TopicKind.Event => ("up/event", true),
        TopicKind.Blob => ("up/blob", true),
        TopicKind.CommandResult => ("up/cmd", true),
        TopicKind.Log => ("up/log", false),
        TopicKind.Presence => ("state", false),
        TopicKind.Desired => ("down/desired", false),
        TopicKind.Command => ("down/cmd", true),
        TopicKind.Ack => ("down/ack", false),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    private static bool IsDetail(string? detail) => Names.IsDnsLabel(detail, minLength: 1, maxLength: 64);
}
