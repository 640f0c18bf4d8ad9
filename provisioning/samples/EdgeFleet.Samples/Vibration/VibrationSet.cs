using System.Globalization;
using System.Text;
using EdgeFleet.Samples.Exact;

namespace EdgeFleet.Samples.Vibration;

/// <summary>A labelled set of simulated bearing recordings, the same for the same seed: windows for the recipe, CSV files for a board.</summary>
internal sealed class VibrationSet(ulong seed)
{
    /// <summary>The seed of the sample models and of the demo.</summary>
    public const ulong DefaultSeed = 21;

    /// <summary>Samples in one window, about half a second.</summary>
    public const int WindowSize = 2048;

    /// <summary>Windows in one recording; a recording is one machine.</summary>
    public const int WindowsPerRecording = 4;

    private const int StreamSegments = 8;

    /// <summary>The splits and how many recordings of each class they hold.</summary>
    public static IReadOnlyList<(string Split, int PerClass)> Splits { get; } = [("train", 16), ("val", 6), ("test", 6)];

    /// <summary>The class names in the order of the model's outputs.</summary>
    public static IReadOnlyList<string> Labels { get; } = [.. Enum.GetNames<BearingState>().Select(n => n.ToLowerInvariant())];

    /// <summary>One split's windows with their class, class by class.</summary>
    public IEnumerable<(float[] Window, int Class)> Windows(string split)
    {
        foreach (var state in Enum.GetValues<BearingState>())
        {
            for (var i = 0; i < Splits[SplitNumber(split)].PerClass; i++)
            {
                var machine = Machine(split, state, i);
                for (var w = 0; w < WindowsPerRecording; w++) yield return (machine.Take(WindowSize), (int)state);
            }
        }
    }

    /// <summary>
    /// Writes <c>FOLDER/split/n_class/*.csv</c> (columns <c>time</c> in seconds, <c>acceleration</c> in g), <c>labels.txt</c> and
    /// <c>stream.csv</c>, a long recording that turns from healthy to faulty for a running board; returns the number of recordings.
    /// </summary>
    public int Write(string folder)
    {
        var written = 0;
        foreach (var (split, perClass) in Splits)
        {
            foreach (var state in Enum.GetValues<BearingState>())
            {
                var place = Directory.CreateDirectory(Path.Combine(folder, split, $"{(int)state + 1}_{Labels[(int)state]}")).FullName;
                for (var i = 0; i < perClass; i++, written++)
                    WriteCsv(Path.Combine(place, $"bearing_{i + 1:D3}.csv"), Machine(split, state, i).Take(WindowSize * WindowsPerRecording));
            }
        }

        File.WriteAllLines(Path.Combine(folder, "labels.txt"), Labels);
        WriteCsv(Path.Combine(folder, "stream.csv"), Stream());
        return written;
    }

    private float[] Stream()
    {
        // Three quarters healthy, then the outer race gives way.
        var segments = Enumerable.Range(0, StreamSegments).Select(i =>
            Machine("stream", i < StreamSegments * 3 / 4 ? BearingState.Healthy : BearingState.Outer, i).Take(WindowSize * 8));
        return [.. segments.SelectMany(s => s)];
    }

    private VibrationSimulator Machine(string split, BearingState state, int index) =>
        new(state, SeededRandom.For(seed, (ulong)(SplitNumber(split) + 1), (ulong)state, (ulong)index));

    private static int SplitNumber(string split) => Splits.Select(s => s.Split).ToList().IndexOf(split);

    private static void WriteCsv(string path, float[] samples)
    {
        var text = new StringBuilder("time,acceleration\n", samples.Length * 18);
        for (var i = 0; i < samples.Length; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"{(double)i / VibrationSimulator.SampleRateHz:F5},{samples[i]:F5}\n");
        }

        File.WriteAllText(path, text.ToString());
    }
}
