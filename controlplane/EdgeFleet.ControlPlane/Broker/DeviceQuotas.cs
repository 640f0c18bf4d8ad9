using System.Collections.Concurrent;
using EdgeFleet.Shared.Identity;
using Microsoft.Extensions.Options;

namespace EdgeFleet.ControlPlane.Broker;

/// <summary>
/// How much a device may ask for: connections, messages, bytes, and packets of other kinds. Goes by the device, so that connecting anew gives it
/// nothing back. Every one here holds a certificate of ours, so there are no more of them than devices.
/// </summary>
internal sealed class DeviceQuotas(IOptions<BrokerOptions> options, TimeProvider time)
{
    private static readonly TimeSpan PaceMax = TimeSpan.FromSeconds(30);
    private readonly ConcurrentDictionary<DeviceId, Quota> _all = new();
    private readonly long _begin = time.GetTimestamp();

    private TimeSpan Now => time.GetElapsedTime(_begin);

    /// <summary>Takes a connection; false when the device comes and goes too often.</summary>
    public bool MayConnect(DeviceId device) => Of(device).Connects.Take(1, Now, TimeSpan.Zero) is not null;

    /// <summary>Takes a message; false when it is over the device's rate.</summary>
    public bool MayPublish(DeviceId device, long bytes)
    {
        var (quota, now) = (Of(device), Now);
        return quota.Messages.Take(1, now, TimeSpan.Zero) is not null && quota.Kilobytes.Take(bytes / 1024.0, now, TimeSpan.Zero) is not null;
    }

    /// <summary>
    /// Waits for the turn of a packet whose answer would have to be kept for the device until it reads it (pings, subscriptions): nothing more is
    /// read of it meanwhile. False when the turn would come too late.
    /// </summary>
    public async ValueTask<bool> PaceAsync(DeviceId device, CancellationToken cancel)
    {
        if (Of(device).Packets.Take(1, Now, PaceMax) is not { } wait)
            return false;

        if (wait > TimeSpan.Zero)
            await Task.Delay(wait, time, cancel);
        return true;
    }

    private Quota Of(DeviceId device) => _all.GetOrAdd(device, static (_, o) => new Quota(
        new TokenBucket(o.ConnectsPerMinute / 60.0, o.ConnectBurst),
        new TokenBucket(o.PublishesPerSecond, o.PublishBurst),
        new TokenBucket(o.PublishKbPerSecond, o.PublishKbBurst),
        new TokenBucket(o.PublishesPerSecond, o.PublishBurst)), options.Value);

    private sealed record Quota(TokenBucket Connects, TokenBucket Messages, TokenBucket Kilobytes, TokenBucket Packets);
}
