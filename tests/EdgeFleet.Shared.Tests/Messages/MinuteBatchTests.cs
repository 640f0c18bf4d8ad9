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
    public void Columns_give_the_rows_back() => Assert.Equal(Quarter, MinuteBatch.Of("e", 1, 1, Quarter).Rows());

    [Fact]
    public void Columns_survive_the_wire()
    {
        var bytes = WireCodec.Encode(MinuteBatch.Of("e", 3, 4, Quarter), WireJson.Default.MinuteBatch);
        var back = WireCodec.Decode(bytes, WireJson.Default.MinuteBatch, WireCodec.UpBytesMax);
        Assert.Equal(Quarter, back.Rows());
        Assert.Equal((3, 4, 15), (back.Low, back.First, back.Count));
        Assert.Null(back.EnergyUj);
    }

    [Fact]
    public void A_quarter_of_an_hour_packs_below_400_bytes() =>
        Assert.InRange(WireCodec.Encode(MinuteBatch.Of("0123456789abcdef", 1, 1, Quarter), WireJson.Default.MinuteBatch).Length, 1, 400);

    [Fact]
    public void Columns_of_energy_are_there_only_when_a_row_has_some_and_cost_little()
    {
        MinuteRow[] rows = [.. Quarter.Select((r, i) => i == 3 ? r : r with { EnergyUj = 1_300_000 + (10_000 * (i * 7 % 11)), EnergyNetUj = 410_000 + (1000 * (i * 5 % 13)), EnergySigmaUj = 21_000 + (100 * (i % 4)) })];
        var bytes = WireCodec.Encode(MinuteBatch.Of("0123456789abcdef", 1, 1, rows), WireJson.Default.MinuteBatch);
        var back = WireCodec.Decode(bytes, WireJson.Default.MinuteBatch, WireCodec.UpBytesMax);
        Assert.Equal(rows, back.Rows());
        Assert.Null(back.EnergyShare);
        var without = WireCodec.Encode(MinuteBatch.Of("0123456789abcdef", 1, 1, Quarter), WireJson.Default.MinuteBatch).Length;
        Assert.InRange(bytes.Length - without, 1, 120);
    }

    [Fact]
    public void Columns_of_different_length_are_refused()
    {
        var bad = MinuteBatch.Of("e", 1, 1, Quarter) with { P50Us = [1] };
        Assert.Contains("all must be equal", Assert.Throws<WireException>(() => bad.Rows()).Message, StringComparison.Ordinal);
    }
}
