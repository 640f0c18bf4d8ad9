using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;

namespace EdgeFleet.ControlPlane.Devices;

/// <summary>What is wanted of devices. Rollouts write it; signing, versions and sending are behind it.</summary>
internal interface IDesiredStore
{
    /// <summary>Wishes a slot of each device to run a package: raises the document's version, signs, stores, and tells the devices that are connected.</summary>
    /// <returns>How many documents changed; a wish that stands already changes none.</returns>
    Task<int> WishAsync(IReadOnlyCollection<(DeviceId Device, DesiredSlot Wish)> wishes, CancellationToken cancel);
}
