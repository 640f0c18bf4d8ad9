using System.Threading.Channels;
using EdgeFleet.ControlPlane.Devices;
using EdgeFleet.Shared.Identity;
using Microsoft.Extensions.Options;

namespace EdgeFleet.ControlPlane.Telemetry;

/// <summary>A blob whose bytes have the digest it was sent under.</summary>
internal sealed record BlobMessage(DeviceId Device, Sha256Digest Digest, byte[] Content);

/// <summary>The bounded queues between the broker and the consumers. A full one makes the broker wait, and by that the devices.</summary>
internal sealed class UplinkLanes(IOptions<TelemetryOptions> options)
{
    private const int BlobsMax = 64;

    /// <summary>Batches of records.</summary>
    public Channel<RecordBatch> Records { get; } = Channel.CreateBounded<RecordBatch>(new BoundedChannelOptions(options.Value.QueueLength) { SingleReader = true });

    /// <summary>Blobs.</summary>
    public Channel<BlobMessage> Blobs { get; } = Channel.CreateBounded<BlobMessage>(BlobsMax);

    /// <summary>What devices say of themselves; in order, because a later message of a device overrides an earlier one.</summary>
    public Channel<DeviceMessage> Devices { get; } = Channel.CreateBounded<DeviceMessage>(new BoundedChannelOptions(options.Value.QueueLength) { SingleReader = true });
}
