namespace EdgeFleet.Samples.Exact;

/// <summary>Random numbers that are the same on every machine and in every version of .NET (SplitMix64).</summary>
internal sealed class SeededRandom(ulong seed)
{
    private ulong _state = seed;

    /// <summary>An independent stream for one thing, named by numbers; drawing from one stream never shifts another.</summary>
    public static SeededRandom For(ulong seed, params ReadOnlySpan<ulong> path)
    {
        var random = new SeededRandom(seed);
        foreach (var step in path) random = new SeededRandom(random.Next() ^ (step * 0xD1B54A32D192ED03));
        return random;
    }

    /// <summary>64 random bits.</summary>
    public ulong Next()
    {
        _state += 0x9E3779B97F4A7C15;
        var z = _state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>From 0 up to but not including 1.</summary>
    public double Unit() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>From <paramref name="min"/> up to but not including <paramref name="max"/>.</summary>
    public double Between(double min, double max) => min + ((max - min) * Unit());

    /// <summary>A whole number from <paramref name="min"/> to <paramref name="max"/>, both included.</summary>
    public int Whole(int min, int max) => min + (int)(Unit() * (max - min + 1));

    /// <summary>Bell-shaped, mean 0 and deviation 1: a sum of twelve, because a logarithm differs between machines.</summary>
    public double Bell()
    {
        var sum = -6.0;
        for (var i = 0; i < 12; i++) sum += Unit();
        return sum;
    }
}
