using System.Globalization;
using System.Text;
using EdgeFleet.Samples.Exact;

namespace EdgeFleet.Samples.Hum;

/// <summary>Simulated recordings of a machine that hums in two tones, and of one with a third tone that does not belong there; the same for the same seed.</summary>
internal sealed class HumSet(ulong seed)
{
    /// <summary>The seed of the sample data and of the tests.</summary>
    public const ulong DefaultSeed = 23;

    /// <summary>Readings of a window.</summary>
    public const int WindowSize = 64;

    private const int WindowsPerRecording = 4;
    private const double Noise = 0.03;
    private const double FaultTurns = 11;
    private const double FaultLevel = 0.5;

    /// <summary>Turns of each normal tone in a window.</summary>
    public static IReadOnlyList<int> Tones { get; } = [2, 4];

    /// <summary>Greatest level of a tone.</summary>
    public static double LevelMax => 1.2;

    /// <summary>The splits and how many recordings of each side they hold; one learns from normal ones alone.</summary>
    public static IReadOnlyList<(string Split, int Normal, int Anomaly)> Splits { get; } = [("train", 12, 0), ("val", 10, 10), ("test", 10, 10)];

    /// <summary>Writes <c>FOLDER/split/normal|anomaly/*.csv</c> with the column <c>level</c>; returns the number of recordings.</summary>
    public int Write(string folder)
    {
        var written = 0;
        for (var split = 0; split < Splits.Count; split++)
        {
            foreach (var isAnomaly in new[] { false, true })
            {
                var count = isAnomaly ? Splits[split].Anomaly : Splits[split].Normal;
                if (count == 0) continue;
                var place = Directory.CreateDirectory(Path.Combine(folder, Splits[split].Split, isAnomaly ? "anomaly" : "normal")).FullName;
                for (var i = 0; i < count; i++, written++)
                    File.WriteAllText(Path.Combine(place, $"hum_{i + 1:D3}.csv"), Csv(Record(split, isAnomaly, i)));
            }
        }

        return written;
    }

    private double[] Record(int split, bool isAnomaly, int index)
    {
        var random = SeededRandom.For(seed, (ulong)split, isAnomaly ? 1UL : 0, (ulong)index);
        var tones = Tones.Select(t => (Turns: (double)t, Level: random.Between(0.5, LevelMax), Phase: random.Unit())).ToList();
        if (isAnomaly) tones.Add((FaultTurns, FaultLevel, random.Unit()));
        return [.. Enumerable.Range(0, WindowSize * WindowsPerRecording).Select(t =>
            tones.Sum(tone => tone.Level * ExactMath.SineOfTurns((tone.Turns * t / WindowSize) + tone.Phase)) + (Noise * random.Bell()))];
    }

    private static string Csv(double[] readings)
    {
        var text = new StringBuilder("level\n", readings.Length * 9);
        foreach (var reading in readings) text.Append(CultureInfo.InvariantCulture, $"{reading:F5}\n");
        return text.ToString();
    }
}
