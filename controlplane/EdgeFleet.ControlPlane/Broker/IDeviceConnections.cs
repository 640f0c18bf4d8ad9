using EdgeFleet.Shared.Identity;

namespace EdgeFleet.ControlPlane.Broker;

/// <summary>The connections that stand, on this process.</summary>
internal interface IDeviceConnections
{
    /// <summary>True while the device is connected.</summary>
    bool IsConnected(DeviceId device);

    /// <summary>Devices that are connected now.</summary>
    IReadOnlyCollection<DeviceId> Connected { get; }

    /// <summary>Cuts the device's connection, for example after it was shut out; nothing happens when there is none.</summary>
    Task DisconnectAsync(DeviceId device);
}
