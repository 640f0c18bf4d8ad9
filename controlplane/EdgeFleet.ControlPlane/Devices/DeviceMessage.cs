using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;

namespace EdgeFleet.ControlPlane.Devices;

/// <summary>What a device says of itself, read and found whole.</summary>
internal abstract record DeviceMessage(DeviceId Device)
{
    /// <summary>A connection begins.</summary>
    public sealed record HelloSaid(DeviceId Device, Hello Hello) : DeviceMessage(Device);

    /// <summary>It is there, sleeps, or is gone.</summary>
    public sealed record PresenceSaid(DeviceId Device, Presence Presence) : DeviceMessage(Device);

    /// <summary>What it runs.</summary>
    public sealed record StateReported(DeviceId Device, ReportedState State) : DeviceMessage(Device);

    /// <summary>What became of a command.</summary>
    public sealed record CommandAnswered(DeviceId Device, string Id, CommandResult Result) : DeviceMessage(Device);
}
