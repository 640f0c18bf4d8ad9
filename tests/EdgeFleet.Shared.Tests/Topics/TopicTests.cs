using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Topics;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace EdgeFleet.Shared.Tests.Topics;

public sealed class TopicTests
{
    private static readonly DeviceId Device = DeviceId.Parse("leaf-1");

    public static TheoryData<TopicKind, string?, string> Every => new()
    {
        { TopicKind.Hello, null, "ef/1/d/leaf-1/up/hello" },
        { TopicKind.Reported, null, "ef/1/d/leaf-1/up/reported" },
        { TopicKind.Telemetry, "minute", "ef/1/d/leaf-1/up/tele/minute" },
        { TopicKind.Event, "alert", "ef/1/d/leaf-1/up/event/alert" },
        { TopicKind.Blob, Sha256Digest.Of("x"u8).Value, "ef/1/d/leaf-1/up/blob/" + Sha256Digest.Of("x"u8).Value },
        { TopicKind.CommandResult, "7", "ef/1/d/leaf-1/up/cmd/7" },
        { TopicKind.Log, null, "ef/1/d/leaf-1/up/log" },
        { TopicKind.Presence, null, "ef/1/d/leaf-1/state" },
        { TopicKind.Desired, null, "ef/1/d/leaf-1/down/desired" },
        { TopicKind.Command, "7", "ef/1/d/leaf-1/down/cmd/7" },
        { TopicKind.Ack, null, "ef/1/d/leaf-1/down/ack" },
    };

    [Theory, MemberData(nameof(Every))]
    public void Every_kind_round_trips(TopicKind kind, string? detail, string text)
    {
        var address = new TopicAddress(Device, kind, detail);
        Assert.Equal(text, Topic.Format(address));
        Assert.True(Topic.TryParse(text, out var parsed));
        Assert.Equal(address, parsed);
    }

    [Fact]
    public void Every_kind_is_in_the_list() => Assert.Equal(Enum.GetValues<TopicKind>(), Every.Select(row => row.Data.Item1));

    [Theory]
    [InlineData("ef/1/d/leaf-1")]
    [InlineData("ef/1/d/leaf-1/up")]
    [InlineData("ef/1/d/leaf-1/up/tele")]
    [InlineData("ef/1/d/leaf-1/up/tele/")]
    [InlineData("ef/1/d/leaf-1/up/tele/minute/x")]
    [InlineData("ef/1/d/leaf-1/up/hello/x")]
    [InlineData("ef/1/d/+/up/hello")]
    [InlineData("ef/1/d/#")]
    [InlineData("ef/2/d/leaf-1/up/hello")]
    [InlineData("ef/1/d/LEAF-1/up/hello")]
    [InlineData("/ef/1/d/leaf-1/up/hello")]
    [InlineData("ef/1/d//up/hello")]
    public void Anything_else_is_not_a_topic(string text) => Assert.False(Topic.TryParse(text, out _));

    [Property(MaxTest = 2000)]
    public Property Whatever_parses_is_spelt_exactly_so() => Prop.ForAll(
        ArbMap.Default.ArbFor<string>().Generator.Where(s => s is not null).Select(s => "ef/1/d/dev-1/" + s).Or(
            Gen.Elements("up", "down", "state", "hello", "tele", "minute", "a", "", "+", "desired").ListOf().Select(l => "ef/1/d/dev-1/" + string.Join('/', l)))
            .ToArbitrary(),
        text => !Topic.TryParse(text, out var address) || Topic.Format(address) == text);
}
