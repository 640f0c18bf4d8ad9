using EdgeFleet.Testing.Packages;

namespace EdgeFleet.Benchmarks.Install;

/// <summary>Versions of a small model that looks at large pictures: its golden set has some megabytes, so that a download takes a while.</summary>
internal static class Models
{
    private const int Side = 256;
    private const int GoldenItems = 6;
    private const int Plane = Side * Side;

    /// <summary>A version.</summary>
    public static TestPackage Of(string version, Board board)
    {
        // Another gain makes another file of every version.
        var model = TinyModel.OfColours(Side) with { Gain = 20 + version[0] - '0' };
        var spec = TestPackageSpec.Colours(version);
        var random = new Random(version[0]);
        return TestPackage.Build(spec with
        {
            Name = $"colours-{board.Architecture}",
            Float = model.Build(),
            Variants = new Dictionary<string, byte[]> { ["cpu-fp32"] = model.Build() },
            Input = spec.Input with { Width = Side, Height = Side },
            GoldenInputs = [.. Enumerable.Range(0, GoldenItems).Select(i => Noise(random, colour: i % 3))],
            // The emulator's own memory and pace count as the candidate's.
            Budgets = board.IsEmulated ? spec.Budgets with { P95LatencyMs = 60_000, MemoryMb = 4096 } : spec.Budgets,
        });
    }

    // Different in every version, so that nothing of the one before is good for it.
    private static float[] Noise(Random random, int colour)
    {
        var tensor = new float[3 * Plane];
        for (var i = 0; i < tensor.Length; i++)
            tensor[i] = (random.NextSingle() / 2) + (i / Plane == colour ? 0.5f : 0);
        return tensor;
    }
}
