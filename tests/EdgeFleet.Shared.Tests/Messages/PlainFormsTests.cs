using System.Text;
using System.Text.Json;
using EdgeFleet.Shared.Messages;

namespace EdgeFleet.Shared.Tests.Messages;

/// <summary>Forms that the first agents wrote.</summary>
public sealed class PlainFormsTests
{
    private const string Batch = """
        {"v":1,"epoch":"epoch-1","low":4,"first":4,"slot":["leaf","leaf"],"at":[1795488000000,60000],"seconds":[60,60],"model":["m@1","m@1"],"answered":[600,598],"failed":[0,2],
        "dropped":[0,1],"p50Us":[1180,1190],"p95Us":[1544,0],"maxUs":[2901,0],"confidence":[861,null],"energyUj":[null,3100]}
        """;

    [Fact]
    public void A_minute_batch_gives_its_rows_with_times_within_1_percent()
    {
        var batch = MinuteBatch.Read(Encoding.UTF8.GetBytes(Batch));
        var rows = batch.Rows();

        Assert.Equal((4, 4, 2), (batch.Low, batch.First, batch.Count));
        Assert.Equal([1795488000000, 1795488060000], rows.Select(r => r.At));
        Assert.Equal((598, 2, 1, null, 3100), (rows[1].Answered, rows[1].Failed, rows[1].Dropped, rows[1].Confidence, rows[1].EnergyUj));
        Assert.Equal(1180, rows[0].P50Us, 0.01 * 1180 + 0.5);
        Assert.Equal(2901, rows[0].MaxUs, 0.01 * 2901 + 0.5);
        Assert.Equal(0, rows[1].P95Us);
    }

    [Theory]
    [InlineData("\"seconds\":[60,60]", "\"seconds\":[60]", "columns of")]
    [InlineData("[1795488000000,60000]", "[]", "columns of")]
    [InlineData("\"answered\":[600,598]", "\"answered\":[600,\"many\"]", "is not a PlainMinuteBatch")]
    [InlineData("\"v\":1", "\"v\":", "is not a MinuteBatch")]
    public void A_minute_batch_that_makes_no_sense_is_refused(string was, string becomes, string reason) =>
        Assert.Contains(reason, Assert.Throws<WireException>(() => MinuteBatch.Read(Encoding.UTF8.GetBytes(Batch.Replace(was, becomes, StringComparison.Ordinal)))).Message, StringComparison.Ordinal);

    [Fact]
    public void A_sketch_in_bins_of_constant_growth_keeps_its_quantiles_within_2_percent()
    {
        const double Gamma = 1.01 / 0.99;
        var values = Enumerable.Range(1, 2000).Select(i => 3.0 * i).ToList();
        var bins = values.GroupBy(v => (int)Math.Ceiling(Math.Log(v) / Math.Log(Gamma))).ToDictionary(g => g.Key, g => (long)g.Count());
        var low = bins.Keys.Min();
        var counts = Enumerable.Range(low, bins.Keys.Max() - low + 1).Select(b => bins.GetValueOrDefault(b));

        var sketch = JsonSerializer.Deserialize($"{{\"zero\":7,\"offset\":{low},\"counts\":[{string.Join(',', counts)}]}}", WireJson.Default.DdSketch)!;

        Assert.Equal((7, 2007), (sketch.Zero, sketch.Count));
        foreach (var q in new[] { 0.1, 0.5, 0.95, 1 })
        {
            var exact = values[(int)Math.Max(0, q * 2006 - 7)];
            Assert.Equal(exact, sketch.Quantile(q), 0.021 * exact);
        }
    }

    [Theory]
    [InlineData("""{"zero":-1,"offset":0,"counts":[]}""")]
    [InlineData("""{"zero":0,"offset":2000000000,"counts":[1]}""")]
    [InlineData("""{"zero":0,"offset":0,"counts":[-1]}""")]
    [InlineData("""{"zero":0,"offset":0.5,"counts":[]}""")]
    [InlineData("""{"zero":0,"offset":0,"counts":"many"}""")]
    [InlineData("""{"zero":0,"offset":0}""")]
    public void A_sketch_that_makes_no_sense_is_refused(string json) => Assert.Throws<JsonException>(() => JsonSerializer.Deserialize(json, WireJson.Default.DdSketch));

    [Theory]
    [InlineData("""{"name":"red","counts":[1,2],"moments":{"count":3,"mean":0.5,"m2":0.1,"min":0,"max":1}}""", true)]
    [InlineData("""{"name":null,"counts":[1,2],"moments":{"count":3,"mean":0.5,"m2":0.1,"min":0,"max":1}}""", false)]
    [InlineData("""{"name":"red","counts":[1,2],"moments":[]}""", false)]
    [InlineData("""{"name":"red","counts":[1,-2],"moments":{"count":3,"mean":0.5,"m2":0.1,"min":0,"max":1}}""", false)]
    public void A_feature_is_read_or_refused(string json, bool isOne)
    {
        if (!isOne)
        {
            Assert.Throws<JsonException>(() => JsonSerializer.Deserialize(json, WireJson.Default.FeatureProfile));
            return;
        }

        var feature = JsonSerializer.Deserialize(json, WireJson.Default.FeatureProfile)!;
        Assert.Equal(("red", 3, 0.5, 1), (feature.Name, feature.Counts.Sum(), feature.Moments.Mean, feature.Moments.Max));
    }

    [Fact]
    public void What_goes_down_is_read_by_the_first_agents_who_know_no_dictionary()
    {
        var ack = new Ack { Epoch = new string('e', 200) };
        Assert.Equal(0xB6, WireCodec.Encode(ack, WireJson.Default.Ack)[0]);
        var plain = WireCodec.Encode(ack, WireJson.Default.Ack, isContinued: false);
        Assert.Equal(0xB5, plain[0]);
        Assert.Equal(ack.Epoch, WireCodec.Decode(plain, WireJson.Default.Ack, WireCodec.DownBytesMax).Epoch);
    }
}
