using FsCheck.Xunit;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;

namespace EdgeFleet.Shared.Tests.Messages;

public sealed class MinuteBatchTests
{
    private static readonly MinuteRow[] Quarter = [.. Enumerable.Range(0, 15).Select(i => new MinuteRow
    {
        Slot = SlotName.Parse("leaf"),
        At = 1_795_488_000_000 + i * 60_000,
        Seconds = 60,
        Model = "coffee-leaf@2.0.0",
        Answered = 600 - i % 3,
        Dropped = i % 5,
        P50Us = 1180 + 7 * i % 40,
        P95Us = 1544 + 11 * i % 90,
        MaxUs = 2901 + 131 * i % 800,
        Confidence = 861 + i,
    })];

    [Fact]
    public void Columns_give_the_rows_back_with_times_within_1_percent() => Same(Quarter, MinuteBatch.Of("e", 1, 1, Quarter).Rows());

    [Fact]
    public void Rows_of_several_slots_lengths_and_models_and_with_holes_between_them_come_back_too()
    {
        MinuteRow[] odd =
        [
            Quarter[0] with { Seconds = 20 }, Quarter[1] with { Slot = SlotName.Parse("pump"), Failed = 3 }, Quarter[2] with { Model = "", Answered = 0, P50Us = 0, P95Us = 0, MaxUs = 0, Confidence = null },
            Quarter[9] with { At = Quarter[0].At - 5 }, Quarter[10] with { EnergyUj = 0 }, Quarter[11] with { EnergyUj = 3100 },
        ];
        var bytes = WireCodec.Encode(MinuteBatch.Of("e", 1, 1, odd), WireJson.Default.MinuteBatch);
        Same(odd, WireCodec.Decode(bytes, WireJson.Default.MinuteBatch, WireCodec.UpBytesMax).Rows());
    }

    private static void Same(IReadOnlyList<MinuteRow> rows, IReadOnlyList<MinuteRow> back)
    {
        static MinuteRow Timeless(MinuteRow row) => row with { P50Us = 0, P95Us = 0, MaxUs = 0 };
        Assert.Equal(rows.Select(Timeless), back.Select(Timeless));
        foreach (var (row, other) in rows.Zip(back))
        {
            Assert.Equal(row.P50Us, other.P50Us, 0.01 * row.P50Us + 0.5);
            Assert.Equal(row.P95Us, other.P95Us, 0.01 * row.P95Us + 0.5);
            Assert.Equal(row.MaxUs, other.MaxUs, 0.01 * row.MaxUs + 0.5);
        }
    }

    [Fact]
    public void Columns_survive_the_wire()
    {
        var bytes = WireCodec.Encode(MinuteBatch.Of("e", 3, 4, Quarter), WireJson.Default.MinuteBatch);
        var back = WireCodec.Decode(bytes, WireJson.Default.MinuteBatch, WireCodec.UpBytesMax);
        Same(Quarter, back.Rows());
        Assert.Equal((3, 4, 15), (back.Low, back.First, back.Count));
        Assert.Null(back.EnergyUj);
    }

    [Fact]
    public void A_quarter_of_an_hour_packs_below_170_bytes() =>
        Assert.InRange(WireCodec.Encode(MinuteBatch.Of("0123456789abcdef", 1, 1, Quarter), WireJson.Default.MinuteBatch).Length, 1, 170);

    [Fact]
    public void Columns_of_energy_are_there_only_when_a_row_has_some_and_cost_little()
    {
        MinuteRow[] rows = [.. Quarter.Select((r, i) => i == 3 ? r : r with { EnergyUj = 1_300_000 + (10_000 * (i * 7 % 11)), EnergyNetUj = 410_000 + (1000 * (i * 5 % 13)), EnergySigmaUj = 21_000 + (100 * (i % 4)) })];
        var bytes = WireCodec.Encode(MinuteBatch.Of("0123456789abcdef", 1, 1, rows), WireJson.Default.MinuteBatch);
        var back = WireCodec.Decode(bytes, WireJson.Default.MinuteBatch, WireCodec.UpBytesMax);
        Same(rows, back.Rows());
        Assert.Null(back.EnergyShare);
        var without = WireCodec.Encode(MinuteBatch.Of("0123456789abcdef", 1, 1, Quarter), WireJson.Default.MinuteBatch).Length;
        Assert.InRange(bytes.Length - without, 1, 120);
    }

    [Property]
    public bool Values_that_are_not_known_keep_their_places(int?[] confidences)
    {
        MinuteRow[] rows = [.. confidences.Prepend(null).Select((c, i) => Quarter[0] with { At = 60_000L * i, Confidence = c })];
        var bytes = WireCodec.Encode(MinuteBatch.Of("e", 1, 1, rows), WireJson.Default.MinuteBatch);
        var back = WireCodec.Decode(bytes, WireJson.Default.MinuteBatch, WireCodec.UpBytesMax).Rows();
        return back.Select(r => r.Confidence).SequenceEqual(rows.Select(r => r.Confidence));
    }

    [Theory]
    [InlineData(".")]
    [InlineData("BgQ.A")]
    [InlineData("AgA.CgRf9f4A")]
    public void Gaps_that_do_not_fit_are_refused(string column) =>
        Assert.Throws<WireException>(() => WireCodec.Decode(
            System.Text.Encoding.UTF8.GetBytes($$"""{"epoch":"e","low":1,"first":1,"slot":["leaf"],"at":1,"model":["m@1"],"answered":"","p50Us":"","p95Us":"","maxUs":"","confidence":"{{column}}"}"""),
            WireJson.Default.MinuteBatch, WireCodec.UpBytesMax));

    [Fact]
    public void Columns_of_different_length_are_refused()
    {
        var bad = MinuteBatch.Of("e", 1, 1, Quarter) with { P50Us = [1] };
        Assert.Contains("all must be equal", Assert.Throws<WireException>(() => bad.Rows()).Message, StringComparison.Ordinal);
    }
}
