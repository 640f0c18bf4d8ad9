using System.IO.Compression;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;

namespace EdgeFleet.Shared.Tests.Messages;

public sealed class WireCodecTests
{
    private static readonly Ack Small = new() { Epoch = "e", Streams = { ["minute"] = 7 } };

    private static Hello Large => new() { Epoch = "e", Boot = new string('b', 400), Session = 1, Agent = "0.1.0", Slots = [SlotName.Parse("leaf")] };

    [Fact]
    public void A_small_message_is_plain_json()
    {
        var bytes = WireCodec.Encode(Small, WireJson.Default.Ack);
        Assert.Equal((byte)'{', bytes[0]);
        Assert.Equal(7, WireCodec.Decode(bytes, WireJson.Default.Ack, WireCodec.DownBytesMax).Streams["minute"]);
    }

    [Fact]
    public void A_larger_message_is_packed_and_comes_back_equal()
    {
        var bytes = WireCodec.Encode(Large, WireJson.Default.Hello);
        Assert.NotEqual((byte)'{', bytes[0]);
        Assert.True(bytes.Length < 256);
        var back = WireCodec.Decode(bytes, WireJson.Default.Hello, WireCodec.UpBytesMax);
        Assert.Equal(Large.Boot, back.Boot);
        Assert.Equal(Large.Slots, back.Slots);
    }

    [Fact]
    public void A_message_over_its_cap_is_refused_by_size()
    {
        var e = Assert.Throws<WireException>(() => WireCodec.Decode(new byte[100], WireJson.Default.Ack, 99));
        Assert.Contains("100 bytes; at most 99", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_bomb_is_refused_before_it_has_unpacked()
    {
        var packed = new byte[4096];
        packed[0] = 0xB5;
        Assert.True(BrotliEncoder.TryCompress(new byte[32 * 1024 * 1024], packed.AsSpan(1), out var written));
        var e = Assert.Throws<WireException>(() => WireCodec.Decode(packed.AsSpan(0, written + 1), WireJson.Default.Ack, WireCodec.UpBytesMax));
        Assert.Contains($"more than {WireCodec.UnpackedBytesMax}", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void This_encoder_begins_as_the_stored_beginning_so_that_the_dictionary_is_in_use()
    {
        var begun = WireDictionary.Begin(9, 18, out var encoder);
        encoder.Dispose();
        Assert.Equal(Convert.ToBase64String(WireDictionary.Beginning), Convert.ToBase64String(begun));
        Assert.Equal(0xB6, WireCodec.Encode(Large, WireJson.Default.Hello)[0]);
    }

    [Fact]
    public void A_message_packed_without_the_dictionary_is_read_too()
    {
        var json = System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(Large, WireJson.Default.Hello);
        var packed = new byte[json.Length + 100];
        packed[0] = 0xB5;
        Assert.True(BrotliEncoder.TryCompress(json, packed.AsSpan(1), out var written));
        Assert.Equal(Large.Boot, WireCodec.Decode(packed.AsSpan(0, written + 1), WireJson.Default.Hello, WireCodec.UpBytesMax).Boot);
    }

    [Fact]
    public void Messages_of_every_size_come_back_through_the_dictionary()
    {
        var random = new Random(5);
        for (var size = 100; size < 100_000; size = size * 3 / 2)
        {
            var boot = new string([.. Enumerable.Range(0, size).Select(_ => (char)random.Next('0', 'z'))]);
            var bytes = WireCodec.Encode(Large with { Boot = boot }, WireJson.Default.Hello);
            Assert.Equal(boot, WireCodec.Decode(bytes, WireJson.Default.Hello, WireCodec.UpBytesMax).Boot);
        }
    }

    [Fact]
    public void A_bomb_behind_the_dictionary_is_refused_before_it_has_unpacked()
    {
        var packed = new byte[8192];
        packed[0] = 0xB6;
        Assert.True(WireDictionary.TryCompress(new byte[32 * 1024 * 1024], packed.AsSpan(1), 9, 18, out var written));
        var e = Assert.Throws<WireException>(() => WireCodec.Decode(packed.AsSpan(0, written + 1), WireJson.Default.Ack, WireCodec.UpBytesMax));
        Assert.Contains($"more than {WireCodec.UnpackedBytesMax}", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Garbage_behind_the_marker_is_refused()
    {
        foreach (var garbage in new byte[][] { [0xB5], [0xB5, 1, 2, 3], [0xB5, .. new byte[50]], [0xB6], [0xB6, 1, 2, 3], [0xB6, .. new byte[50]] })
            Assert.Throws<WireException>(() => WireCodec.Decode(garbage, WireJson.Default.Ack, 1000));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{\"epoch\":3}")]
    [InlineData("{}")]
    [InlineData("")]
    [InlineData("{\"epoch\":\"e\",\"streams\":{\"minute\":\"x\"}}")]
    public void Wrong_json_is_refused_by_name(string json)
    {
        var e = Assert.Throws<WireException>(() => WireCodec.Decode(System.Text.Encoding.UTF8.GetBytes(json), WireJson.Default.Ack, 1000));
        Assert.Contains(nameof(Ack), e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_field_that_is_left_out_keeps_its_default()
    {
        var hello = WireCodec.Decode("{\"epoch\":\"e\",\"boot\":\"b\",\"session\":1,\"agent\":\"a\"}"u8, WireJson.Default.Hello, WireCodec.UpBytesMax);

        Assert.Equal((1, "none", 0, 0), (hello.V, hello.Clock, hello.Slots.Count, hello.Waiting.Count));
    }

    [Theory]
    [InlineData("{\"epoch\":null,\"boot\":\"b\",\"session\":1,\"agent\":\"a\"}")]
    [InlineData("{\"epoch\":\"e\",\"boot\":\"b\",\"session\":1,\"agent\":\"a\",\"slots\":null}")]
    [InlineData("{\"epoch\":\"e\",\"boot\":\"b\",\"session\":1,\"agent\":\"a\\u0000\"}")]
    public void Null_where_a_value_belongs_and_a_zero_character_are_refused(string json) =>
        Assert.Throws<WireException>(() => WireCodec.Decode(System.Text.Encoding.UTF8.GetBytes(json), WireJson.Default.Hello, WireCodec.UpBytesMax));

    [Fact]
    public void Unknown_fields_are_ignored()
    {
        var ack = WireCodec.Decode("""{"v":1,"epoch":"e","new":{"a":[1]}}"""u8, WireJson.Default.Ack, 1000);
        Assert.Equal("e", ack.Epoch);
    }

    [Fact]
    public void Deep_json_is_refused()
    {
        var json = string.Concat(Enumerable.Repeat("{\"x\":", 40)) + "1" + new string('}', 40);
        Assert.Throws<WireException>(() => WireCodec.Decode(System.Text.Encoding.UTF8.GetBytes(json), WireJson.Default.Ack, 1000));
    }

    [Fact]
    public void Another_major_version_is_refused_and_says_which_side_is_old()
    {
        var e = Assert.Throws<WireException>(() => WireCodec.Expect(Small, 2));
        Assert.Contains("version 2", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Derived_values_are_not_on_the_wire() =>
        Assert.DoesNotContain("unanswered", System.Text.Encoding.UTF8.GetString(WireCodec.Encode(
            new ReportedState { Epoch = "e", Revision = 1, At = 1 }, WireJson.Default.ReportedState)), StringComparison.OrdinalIgnoreCase);
}
