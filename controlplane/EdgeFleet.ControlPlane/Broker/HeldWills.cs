using System.Collections.Concurrent;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Topics;

namespace EdgeFleet.ControlPlane.Broker;

/// <summary>
/// Last wills that wait for their delay, as MQTT 5 has it: a device that is back by then was never away. The library knows no delay.
/// </summary>
internal sealed class HeldWills(IUplink uplink, TimeProvider time)
{
    private readonly ConcurrentDictionary<DeviceId, Held> _held = new();

    /// <summary>Holds a will in place of an older one of the device.</summary>
    public void Hold(TopicAddress address, byte[] payload, TimeSpan delay)
    {
        var held = new Held(address, payload);
        _held[address.Device] = held;
        held.Timer = time.CreateTimer(_ => _ = SayAsync(held), null, delay, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Lets the device's will go: it is back.</summary>
    public void Forget(DeviceId device)
    {
        if (_held.TryRemove(device, out var held))
            held.Timer?.Dispose();
    }

    /// <summary>Says all of them now: nobody will be there to say them later.</summary>
    public Task SayAllAsync() => Task.WhenAll(_held.Values.Select(SayAsync));

    // Whoever takes it out says it: once.
    private async Task SayAsync(Held held)
    {
        if (!_held.TryRemove(new(held.Address.Device, held)))
            return;

        held.Timer?.Dispose();
        await uplink.ReceiveAsync(held.Address.Device, held.Address, held.Payload, CancellationToken.None);
    }

    private sealed class Held(TopicAddress address, byte[] payload)
    {
        public TopicAddress Address { get; } = address;

        public byte[] Payload { get; } = payload;

        public ITimer? Timer { get; set; }
    }
}
