using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Topics;

namespace EdgeFleet.ControlPlane.Broker;

/// <summary>
/// Takes what a device published, straight from the broker's publish interceptor: on an own topic, within the size cap, by the device whose
/// certificate it is. Completes when the message is taken over, not when it is committed; slow stores push back here.
/// </summary>
internal interface IUplink
{
    /// <summary>Takes one message over. Bad ones are put aside with a reason; this never throws for them.</summary>
    ValueTask ReceiveAsync(DeviceId device, TopicAddress topic, ReadOnlyMemory<byte> payload, CancellationToken cancel);
}
