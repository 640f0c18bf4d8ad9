using EdgeFleet.ControlPlane.Broker;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Topics;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace EdgeFleet.ControlPlane.Tests.Broker;

/// <summary>Whatever the ids and topics are, a device stays within its own.</summary>
[Properties(Arbitrary = [typeof(Wire)], MaxTest = 500)]
public sealed class BrokerPolicyTests
{
    [Property]
    public bool Every_own_topic_that_goes_up_is_taken(DeviceId device, AnyTopic topic)
    {
        var mine = topic.Address with { Device = device };
        var refusal = BrokerPolicy.Publish(device, Topic.Format(mine), bytes: 100, isRetained: false, isWill: false, out var parsed);
        return Topic.IsUp(mine.Kind) ? refusal is null && parsed == mine : refusal?.Kind == RefusalKind.NotAllowed;
    }

    [Property]
    public bool No_other_devices_topic_is_taken(DeviceId device, AnyTopic topic) =>
        topic.Address.Device == device
        || BrokerPolicy.Publish(device, Topic.Format(topic.Address), 100, false, false, out _)?.Kind == RefusalKind.NotAllowed;

    [Property]
    public bool No_text_that_is_not_a_topic_is_taken(DeviceId device, NonNull<string> text) =>
        Topic.TryParse(text.Get, out _) || BrokerPolicy.Publish(device, text.Get, 1, false, false, out _)?.Kind == RefusalKind.BadTopic;

    [Property]
    public bool No_topic_with_something_put_into_it_reaches_another_device(DeviceId device, AnyTopic topic, PositiveInt at, char extra)
    {
        var text = Topic.Format(topic.Address);
        var changed = text.Insert(at.Get % (text.Length + 1), extra.ToString());
        return BrokerPolicy.Publish(device, changed, 1, false, false, out var parsed) is not null || parsed.Device == device;
    }

    [Property]
    public bool Only_presence_is_retained_and_only_presence_is_a_will(DeviceId device, AnyTopic topic)
    {
        var mine = topic.Address with { Device = device };
        var isPresence = mine.Kind == TopicKind.Presence;
        return BrokerPolicy.Publish(device, Topic.Format(mine), 100, isRetained: true, isWill: false, out _) is null == isPresence
            && BrokerPolicy.Publish(device, Topic.Format(mine), 100, isRetained: false, isWill: true, out _) is null == isPresence;
    }

    [Property]
    public bool The_cap_of_a_topic_is_exact(DeviceId device, AnyTopic topic)
    {
        var mine = topic.Address with { Device = device };
        var cap = mine.Kind == TopicKind.Blob ? WireCodec.BlobBytesMax : WireCodec.UpBytesMax;
        return !Topic.IsUp(mine.Kind)
            || (BrokerPolicy.Publish(device, Topic.Format(mine), cap, false, false, out _) is null
                && BrokerPolicy.Publish(device, Topic.Format(mine), cap + 1, false, false, out _)?.Kind == RefusalKind.TooLarge);
    }

    [Property]
    public bool A_device_hears_its_own_and_nothing_else(DeviceId device, DeviceId other, NonNull<string> text) =>
        BrokerPolicy.Subscribe(device, Topic.AllDown(device)) is null
        && (other == device || BrokerPolicy.Subscribe(device, Topic.AllDown(other)) is not null)
        && (text.Get == Topic.AllDown(device) || BrokerPolicy.Subscribe(device, text.Get) is not null);

    [Property]
    public bool Only_the_certificates_name_connects(DeviceId certified, DeviceId claimed, bool asUser) =>
        BrokerPolicy.Connect(certified, asUser ? certified.Value : claimed.Value, asUser ? claimed.Value : null, 60, 1200) is null == (certified == claimed)
        && BrokerPolicy.Connect(null, claimed.Value, null, 60, 1200) is not null;
}

/// <summary>A topic of any device.</summary>
public sealed record AnyTopic(TopicAddress Address);

/// <summary>Random ids and topics; few and short ids come often, so that some are equal or begin alike.</summary>
public static class Wire
{
    private const string First = "abcz09";
    private const string Rest = "abcz09-";

    public static Arbitrary<DeviceId> DeviceIds() => IdGen().ToArbitrary();

    public static Arbitrary<AnyTopic> Topics() => (
        from device in IdGen()
        from kind in Gen.Elements(Enum.GetValues<TopicKind>())
        from detail in Label(1, 64)
        select new AnyTopic(new TopicAddress(device, kind, HasDetail(kind) ? detail : null))).ToArbitrary();

    private static bool HasDetail(TopicKind kind) =>
        kind is TopicKind.Telemetry or TopicKind.Event or TopicKind.Blob or TopicKind.CommandResult or TopicKind.Command;

    private static Gen<DeviceId> IdGen() => Gen.OneOf(
        Gen.Elements("abc", "abc-1", "abc-12", "abc-").Select(DeviceId.Parse),
        Label(3, 63).Select(DeviceId.Parse));

    private static Gen<string> Label(int lengthMin, int lengthMax) =>
        from length in Gen.Choose(lengthMin, lengthMax)
        from first in Gen.Elements(First.ToCharArray())
        from rest in Gen.Elements(Rest.ToCharArray()).ArrayOf(length - 1)
        select first + new string(rest);
}
