using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Statistics;

namespace EdgeFleet.Shared.Tests.Messages;

/// <summary>A day of one slot at 10 samples a second, made up of a seed: what its telemetry weighs, so that a change that makes it heavier shows without the slow benchmark.</summary>
public sealed class DayOnTheWireTests(ITestOutputHelper output)
{
    private const int BytesMax = 40_000;
    private const int SamplesAnHour = 36_000;
    private static readonly SlotName Slot = SlotName.Parse("leaf");
    private static readonly long Begin = new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds();
    private readonly Random _random = new(7);

    [Fact]
    public void A_day_of_one_slot_stays_well_below_45_kB()
    {
        var minutes = Enumerable.Range(0, 24 * 60).Select(Minute).Chunk(15).Select((rows, i) => WireCodec.Encode(
            MinuteBatch.Of("0f4c2a9b77d1e385", 1 + 15 * i, 1 + 15 * i, rows), WireJson.Default.MinuteBatch).Length).Sum();
        var profiles = Enumerable.Range(0, 24).Select(h => WireCodec.Encode(
            new ProfileBatch { Epoch = "0f4c2a9b77d1e385", Low = 1 + h, First = 1 + h, Records = [Profile(h)] }, WireJson.Default.ProfileBatch).Length).Sum();

        output.WriteLine($"minute rows {minutes} B, profiles {profiles} B, together {minutes + profiles} B");
        Assert.InRange(minutes + profiles, 1, BytesMax);
    }

    [Fact]
    public void A_profile_comes_back_with_exact_counts_and_four_digits_of_its_moments()
    {
        var profile = Profile(3);
        var back = WireCodec.Decode(WireCodec.Encode(profile, WireJson.Default.HourlyProfile), WireJson.Default.HourlyProfile, WireCodec.UpBytesMax);

        Assert.Equal(profile.InferUs.Counts, back.InferUs.Counts);
        Assert.Equal((profile.InferUs.Zero, profile.InferUs.Offset), (back.InferUs.Zero, back.InferUs.Offset));
        Assert.All(profile.Inputs.Zip(back.Inputs), pair =>
        {
            Assert.Equal(pair.First.Counts, pair.Second.Counts);
            Assert.Equal(pair.First.Moments.Mean, pair.Second.Moments.Mean, Math.Abs(pair.First.Moments.Mean) * 1e-3);
            Assert.Equal(pair.First.Moments.Variance, pair.Second.Moments.Variance, pair.First.Moments.Variance * 2e-3);
        });
    }

    private MinuteRow Minute(int minute)
    {
        var p50 = 1300 + (long)(20 * Normal());
        return new MinuteRow
        {
            Slot = Slot,
            At = Begin + 60_000L * minute,
            Seconds = 60,
            Model = "coffee-leaf@2.0.1",
            Answered = 600 + _random.Next(-1, 2),
            P50Us = p50,
            P95Us = p50 + 250 + (long)(60 * Math.Abs(Normal())),
            MaxUs = p50 + 900 + (long)(1500 * Math.Abs(Normal())),
            Confidence = 880 + (int)(20 * Normal()),
        };
    }

    private HourlyProfile Profile(int hour) => new()
    {
        Slot = Slot,
        At = Begin + 3_600_000L * hour,
        Seconds = 3600,
        Model = "coffee-leaf@2.0.1",
        Variant = "cpu-int8",
        Answered = SamplesAnHour,
        QueueUs = Times(40, 0.5),
        PrepareUs = Times(1800, 0.15),
        InferUs = Times(1300, 0.12),
        PostUs = Times(6, 0.3),
        Inputs = [.. ImageFeatures.All.Where(f => !f.IsOfStream).Select(f => Feature(f.Name))],
        Outputs = [.. Enumerable.Range(0, 5).Select(_ => (long)_random.Next(3000, 9000))],
        Confidence = Feature("confidence"),
        Entropy = Feature("entropy"),
        Drift = DriftState.Steady,
        DriftSize = _random.Next(5, 40),
    };

    private DdSketch Times(double median, double spread)
    {
        var sketch = new SketchBuilder();
        for (var i = 0; i < SamplesAnHour; i++)
            sketch.Add(Math.Round(median * Math.Exp(spread * Normal())));
        return sketch.Build();
    }

    // Frames near each other are alike, so that counts vary much more than those of independent ones would.
    private FeatureProfile Feature(string name)
    {
        var counter = new FeatureCounter([.. Enumerable.Range(1, 15).Select(i => 60 + 8.0 * i)]);
        var value = 120 + 30 * Normal();
        for (var i = 0; i < SamplesAnHour; i++)
        {
            value = 120 + 0.95 * (value - 120) + 30 * Math.Sqrt(1 - 0.95 * 0.95) * Normal();
            counter.Add(value);
        }

        return new FeatureProfile { Name = name, Counts = [.. counter.Counts], Moments = counter.Moments };
    }

    private double Normal() => Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble());
}
