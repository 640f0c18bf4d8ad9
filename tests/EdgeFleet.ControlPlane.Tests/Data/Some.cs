using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.ControlPlane.Tests.Data;

/// <summary>Ordinary messages.</summary>
internal static class Some
{
    public static MinuteRow Minute(long seq, DateTimeOffset? at = null) => new()
    {
        Slot = SlotName.Parse("leaf"),
        At = (at ?? TestPlane.Start).ToUnixTimeMilliseconds() + (seq * 60_000),
        Seconds = 60,
        Model = "leaf@1.0.0",
        Answered = seq,
        P50Us = 995, // Times as the bins of a sketch tell them.
        P95Us = 1990,
        MaxUs = 3012,
        Confidence = 900,
    };

    public static byte[] Hello(string epoch = "epoch-1", long session = 1, long desired = 0) => WireCodec.Encode(
        new Hello { Epoch = epoch, Boot = "boot-1", Session = session, Agent = "0.1.0", Hardware = "generic", DesiredVersion = desired, Slots = [SlotName.Parse("leaf")] }, WireJson.Default.Hello);

    public static MinuteBatch Minutes(long first, int count, long low = 1, string epoch = "epoch-1", DateTimeOffset? at = null) =>
        MinuteBatch.Of(epoch, low, first, [.. Enumerable.Range(0, count).Select(i => Minute(first + i, at))]);

    public static EventBatch Events(long first, int count, long low = 1, string epoch = "epoch-1") => new()
    {
        Epoch = epoch,
        Low = low,
        First = first,
        Records = [.. Enumerable.Range(0, count).Select(i => new DeviceEvent
        {
            Type = EventType.Gap,
            At = TestPlane.Start.ToUnixTimeMilliseconds(),
            Slot = SlotName.Parse("leaf"),
            Gap = new Gap { From = 1, To = 2, Missing = first + i, Reason = "the source stood still" },
        })],
    };

    public static PackageRef Package(string version) => new() { Name = "leaf", Version = version, Digest = Sha256Digest.Of(System.Text.Encoding.UTF8.GetBytes(version)), Size = 10 };

    public static DesiredSlot Wish(string version, long rollout = 1, string slot = "leaf") => new() { Slot = SlotName.Parse(slot), Package = Package(version), Rollout = rollout };
}
