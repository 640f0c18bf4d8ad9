using System.Text.Json;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;

namespace EdgeFleet.Shared.Tests.Identity;

public sealed class IdentityTests
{
    [Theory]
    [InlineData("leaf-0117", true)]
    [InlineData("abc", true)]
    [InlineData("ab", false)]
    [InlineData("-abc", false)]
    [InlineData("Leaf", false)]
    [InlineData("a/b/c", false)]
    [InlineData("a+b#c", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void A_device_id_is_a_dns_label_of_3_to_63_characters(string? text, bool valid) => Assert.Equal(valid, DeviceId.TryParse(text, out _));

    [Fact]
    public void The_longest_device_id_has_63_characters()
    {
        Assert.True(DeviceId.TryParse(new string('a', 63), out _));
        Assert.False(DeviceId.TryParse(new string('a', 64), out _));
    }

    [Fact]
    public void A_message_with_an_id_that_is_not_one_is_refused()
    {
        var e = Assert.Throws<JsonException>(() =>
            JsonSerializer.Deserialize("""{"device":"../etc","version":1}""", WireJson.Default.DesiredDocument));
        Assert.Contains("../etc", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_digest_is_64_lower_case_hexadecimal_digits()
    {
        var digest = Sha256Digest.Of("abc"u8);
        Assert.Equal("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", digest.Value);
        Assert.True(Sha256Digest.TryParse(digest.Value, out var again));
        Assert.Equal(digest, again);
        Assert.False(Sha256Digest.TryParse(digest.Value.ToUpperInvariant(), out _));
        Assert.False(Sha256Digest.TryParse(digest.Value[1..], out _));
    }
}
