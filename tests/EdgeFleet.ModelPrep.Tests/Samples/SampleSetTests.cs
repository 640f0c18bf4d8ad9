using EdgeFleet.Samples.Leaves;
using EdgeFleet.Samples.Vibration;
using EdgeFleet.Samples.Exact;
using EdgeFleet.Testing;

namespace EdgeFleet.ModelPrep.Tests.Samples;

public sealed class SampleSetTests(SampleData data)
{
    [Fact]
    public void The_same_seed_gives_the_same_files_and_another_seed_others()
    {
        using var folder = new TempFolder();
        new LeafSet(LeafSet.DefaultSeed).Write(folder["again"]);
        new LeafSet(5).Write(folder["other"]);

        byte[] Leaf(string root) => File.ReadAllBytes(Path.Combine(root, "test", "3_rust", "leaf_007.jpg"));
        Assert.Equal(Leaf(data.Leaves), Leaf(folder["again"]));
        Assert.NotEqual(Leaf(data.Leaves), Leaf(folder["other"]));
    }

    [Fact]
    public void Folders_are_split_then_numbered_class()
    {
        foreach (var (split, perClass) in LeafSet.Splits)
            foreach (var place in new[] { "1_healthy", "2_miner", "3_rust", "4_phoma", "5_cercospora" })
                Assert.Equal(perClass, Directory.GetFiles(Path.Combine(data.Leaves, split, place), "*.jpg").Length);
        Assert.Equal("time,acceleration", File.ReadLines(Path.Combine(data.Vibration, "val", "4_ball", "bearing_001.csv")).First());
    }

    [Fact]
    public void Defect_frequencies_follow_the_textbook()
    {
        // 6205 at 1797 turns a minute: the values that the Case Western Reserve bearing data centre publishes.
        var geometry = BearingGeometry.Type6205;
        Assert.Equal(3.5848, geometry.OuterRace, 0.005);
        Assert.Equal(5.4152, geometry.InnerRace, 0.005);
        Assert.Equal(4.7135, 2 * geometry.BallSpin, 0.01);
        Assert.Equal(0.39828, geometry.Cage, 0.001);
    }

    [Theory]
    [InlineData(BearingState.Outer, 3.5848)]
    [InlineData(BearingState.Inner, 5.4152)]
    [InlineData(BearingState.Ball, 4.7135)]
    internal void A_fault_shows_in_the_envelope_at_its_defect_frequency(BearingState state, double perTurn)
    {
        var samples = new VibrationSimulator(state, new SeededRandom(3)).Take(8 * VibrationSimulator.SampleRateHz);
        var healthy = new VibrationSimulator(BearingState.Healthy, new SeededRandom(3)).Take(8 * VibrationSimulator.SampleRateHz);

        // The shaft turns at 28.8 to 30.2 Hz.
        var (low, high) = (28.8 * perTurn, 30.2 * perTurn);
        Assert.True(Peak(samples, low, high) > 4 * Peak(healthy, low, high));
    }

    private static double Peak(float[] samples, double lowHz, double highHz)
    {
        var envelope = samples.Zip(samples.Skip(1), (a, b) => Math.Abs(b - a)).ToArray();
        var mean = envelope.Average();
        var greatest = 0.0;
        for (var hz = lowHz; hz <= highHz; hz += 0.2)
        {
            double real = 0, imaginary = 0;
            for (var i = 0; i < envelope.Length; i++)
            {
                var angle = 2 * Math.PI * hz * i / VibrationSimulator.SampleRateHz;
                real += (envelope[i] - mean) * Math.Cos(angle);
                imaginary += (envelope[i] - mean) * Math.Sin(angle);
            }

            greatest = Math.Max(greatest, (real * real) + (imaginary * imaginary));
        }

        return greatest;
    }
}
