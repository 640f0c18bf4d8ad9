using EdgeFleet.ModelPrep.Packing;

namespace EdgeFleet.ModelPrep.Quantization;

/// <summary>Which samples ranges are taken from: so many, spread evenly over the files and over the windows of each, always the same ones.</summary>
internal static class CalibrationSamples
{
    /// <summary>Every so-manieth file, so that at most <paramref name="wanted"/> are read.</summary>
    public static IReadOnlyList<LabelledFile> Files(IReadOnlyList<LabelledFile> files, int wanted) => files.Count <= wanted
        ? files
        : [.. Enumerable.Range(0, wanted).Select(i => files[(int)((long)i * files.Count / wanted)])];

    /// <summary>Of each file's windows so many that all files together give about <paramref name="wanted"/>.</summary>
    public static IEnumerable<PreparedSample> Spread(IEnumerable<PreparedSample> samples, int files, int wanted)
    {
        var each = Math.Max(1, wanted / Math.Max(1, files));
        var windows = new List<PreparedSample>();
        foreach (var sample in samples)
        {
            if (windows.Count > 0 && windows[0].File != sample.File)
            {
                foreach (var chosen in Of(windows, each)) yield return chosen;
                windows.Clear();
            }

            windows.Add(sample);
        }

        foreach (var chosen in Of(windows, each)) yield return chosen;
    }

    private static IEnumerable<PreparedSample> Of(List<PreparedSample> windows, int each) =>
        windows.Count <= each ? windows : Enumerable.Range(0, each).Select(i => windows[(int)((long)i * windows.Count / each)]).ToList();
}
