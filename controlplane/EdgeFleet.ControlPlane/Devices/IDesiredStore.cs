using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;

namespace EdgeFleet.ControlPlane.Devices;

/// <summary>
/// What is wanted of devices. Rollouts write it; signing, versions and sending are behind it. Ids of rollouts grow, and the newest one that asked
/// holds a slot: what an older one asks for it later changes nothing, so a worker that lags can never undo a newer rollout.
/// </summary>
internal interface IDesiredStore
{
    /// <summary>Wishes a slot of each device to run a package: raises the document's version, signs, stores, and tells the devices that are connected.</summary>
    /// <returns>How many documents changed; a wish that stands already, or a slot held by a newer rollout, changes none.</returns>
    Task<int> WishAsync(IReadOnlyCollection<(DeviceId Device, DesiredSlot Wish)> wishes, CancellationToken cancel);

    /// <summary>
    /// Takes the wishes of one rollout for the slots back out of the documents, for devices that ran nothing there before: one that was away
    /// then never takes the package, one that has it keeps it.
    /// </summary>
    /// <returns>How many documents changed; a slot without a wish, or with another rollout's, changes none.</returns>
    Task<int> WithdrawAsync(IReadOnlyCollection<(DeviceId Device, SlotName Slot)> slots, long rollout, CancellationToken cancel);
}
