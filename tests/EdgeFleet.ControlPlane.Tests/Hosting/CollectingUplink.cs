using System.Threading.Channels;
using EdgeFleet.ControlPlane.Broker;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Topics;

namespace EdgeFleet.ControlPlane.Tests.Hosting;

/// <summary>Keeps what the broker hands up.</summary>
internal sealed class CollectingUplink : IUplink
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly Channel<Received> _received = Channel.CreateUnbounded<Received>();

    public ValueTask ReceiveAsync(DeviceId device, TopicAddress topic, ReadOnlyMemory<byte> payload, CancellationToken cancel) =>
        _received.Writer.WriteAsync(new Received(device, topic, payload.ToArray()), cancel);

    /// <summary>The next message.</summary>
    public async Task<Received> NextAsync() => await _received.Reader.ReadAsync().AsTask().WaitAsync(Patience);

    /// <summary>True when nothing more has come.</summary>
    public bool IsEmpty => _received.Reader.Count == 0;

    internal sealed record Received(DeviceId Device, TopicAddress Topic, byte[] Payload);
}
