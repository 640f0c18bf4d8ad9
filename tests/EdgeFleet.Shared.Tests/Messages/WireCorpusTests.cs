using EdgeFleet.Testing.Wire;

namespace EdgeFleet.Shared.Tests.Messages;

/// <summary>What the programs of earlier tags wrote is read by this version.</summary>
public sealed class WireCorpusTests
{
    public static TheoryData<string> Tags => new(WireCorpus.Tags);

    [Theory, MemberData(nameof(Tags))]
    public void All_that_a_tag_wrote_is_read(string tag)
    {
        var records = WireCorpus.Of(tag);
        var reader = WireReader.For(records);
        Assert.Empty(WireReader.KindsOfAll.Except(records.Select(WireReader.KindOf)));
        Assert.All(records, r => Assert.NotEmpty(reader.Read(r)));
    }

    [Theory, MemberData(nameof(Tags))]
    public void A_message_of_a_tag_with_a_byte_less_is_not_taken_for_one(string tag)
    {
        var records = WireCorpus.Of(tag);
        var reader = WireReader.For(records);
        Assert.All(records.Where(r => r.Name.Contains("/up/", StringComparison.Ordinal)), r => Assert.ThrowsAny<Exception>(() => reader.Read(r with { Bytes = r.Bytes[..^1] })));
    }
}
