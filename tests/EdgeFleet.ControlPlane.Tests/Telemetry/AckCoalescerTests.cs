using EdgeFleet.ControlPlane.Telemetry;
using EdgeFleet.ControlPlane.Tests.Data;
using EdgeFleet.Shared.Identity;

namespace EdgeFleet.ControlPlane.Tests.Telemetry;

public sealed class AckCoalescerTests
{
    private static readonly DeviceId Device = DeviceId.Parse("leaf-1");
    private readonly AckCoalescer _acks = new(TimeSpan.FromSeconds(1));

    [Fact]
    public void The_first_acknowledgement_goes_at_once_and_the_next_after_a_second_with_all_that_came()
    {
        _acks.Add(new StreamKey(Device, "epoch-1", "minute"), 5);
        Assert.Single(_acks.TakeDue(TestPlane.Start));

        _acks.Add(new StreamKey(Device, "epoch-1", "minute"), 9);
        _acks.Add(new StreamKey(Device, "epoch-1", "minute"), 7);
        _acks.Add(new StreamKey(Device, "epoch-1", "event"), 2);
        Assert.Empty(_acks.TakeDue(TestPlane.Start.AddMilliseconds(999)));

        var (_, ack) = Assert.Single(_acks.TakeDue(TestPlane.Start.AddSeconds(1)));
        Assert.Equal((9L, 2L), (ack.Streams["minute"], ack.Streams["event"]));
        Assert.Empty(_acks.TakeDue(TestPlane.Start.AddSeconds(9)));
    }

    [Fact]
    public void A_hello_is_answered_at_once_even_right_after_an_acknowledgement()
    {
        _acks.Add(new StreamKey(Device, "epoch-1", "minute"), 5);
        _acks.TakeDue(TestPlane.Start);
        _acks.AnswerHello(Device, "epoch-2");

        var (_, ack) = Assert.Single(_acks.TakeDue(TestPlane.Start));
        Assert.Equal(("epoch-2", 0), (ack.Epoch, ack.Streams.Count));
    }

    [Fact]
    public void A_device_never_gets_the_numbers_of_one_epoch_under_another()
    {
        _acks.Add(new StreamKey(Device, "epoch-1", "minute"), 900);
        _acks.Add(new StreamKey(Device, "epoch-2", "minute"), 3);

        var (_, ack) = Assert.Single(_acks.TakeDue(TestPlane.Start));
        Assert.Equal(("epoch-2", 3L), (ack.Epoch, ack.Streams["minute"]));
    }

    [Fact]
    public void Many_blobs_go_in_several_acknowledgements_that_each_fit()
    {
        for (var i = 0; i < 600; i++)
            _acks.AddBlob(Device, "epoch-1", Sha256Digest.Of(BitConverter.GetBytes(i)));

        var seen = new HashSet<Sha256Digest>();
        for (var second = 0; second < 3; second++)
            seen.UnionWith(Assert.Single(_acks.TakeDue(TestPlane.Start.AddSeconds(second))).Ack.Blobs);
        Assert.Equal(600, seen.Count);
        Assert.Empty(_acks.TakeDue(TestPlane.Start.AddSeconds(3)));
    }
}
