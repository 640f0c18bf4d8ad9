using System.Globalization;
using EdgeFleet.Shared.Statistics;
using EdgeFleet.Testing;

namespace EdgeFleet.Benchmarks.Drift;

/// <summary>
/// Real coffee photos: a baseline from one half of the clean ones, and windows of the other half, clean and spoiled. Photos are drawn at random, so that a window is a
/// walk through a plot, not one leaf.
/// </summary>
internal static class PhotoDrift
{
    private const int Length = 100;
    private const int BaselineWindows = 100;
    private const int WindowsEach = 20;
    private const int CleanMax = 1;
    private const int NamedMin = 19;
    private const double Alpha = 0.01;

    /// <summary>Runs it and prints.</summary>
    /// <returns>True when clean windows are quiet and every spoiled kind is told and named; null where the photos are absent.</returns>
    public static bool? Run(CancellationToken cancel)
    {
        using var site = PhotoSite.Open();
        if (site is null)
        {
            Console.WriteLine(RealData.Absent);
            return null;
        }

        var photos = Path.Combine(RealData.Folder!, "coffee-leaf");
        var random = new Random(20260301);
        var all = Read(Path.Combine(photos, "symptom")).Select(PhotoSpoiler.Clean).ToList();
        var shuffled = all.OrderBy(_ => random.Next()).ToList();
        var (usual, later) = (shuffled[..(all.Count / 2)], shuffled[(all.Count / 2)..]);
        var watch = new Watch(site, random);
        var baseline = watch.Learn(usual, cancel);
        Console.WriteLine($"photos: {all.Count}, windows of {Length}, a baseline of {BaselineWindows}; the last three columns: any feature beyond the textbook's threshold");
        Console.WriteLine($"  {"windows of",-16} {"told",9} {"named",9}  {"largest",-34} | {"PSI>.1",7} {"KS<.05",7} {"JS>.1",7}  hints");

        var clean = watch.Show("clean", null, later, baseline, cancel);
        var holds = clean.Told <= CleanMax;
        (string Name, string Cause, IReadOnlyList<byte[]> Photos)[] spoiled =
        [
            ("darkened", DriftCause.Dark, [.. later.Select(PhotoSpoiler.Darkened)]),
            ("warm cast", DriftCause.Warm, [.. later.Select(PhotoSpoiler.Warm)]),
            ("blurred", DriftCause.Blurred, [.. later.Select(PhotoSpoiler.Blurred)]),
            ("whole leaves", DriftCause.Scene, [.. Read(Path.Combine(photos, "leaf")).Select(PhotoSpoiler.Clean)]),
            ("one photo again", DriftCause.Frozen, [later[0]]),
            ("rust only", DriftCause.ClassMix, [.. Read(Path.Combine(photos, "symptom", "test", "3_rust")).Select(PhotoSpoiler.Clean)]),
        ];
        foreach (var (name, cause, some) in spoiled)
        {
            var seen = watch.Show(name, cause, some, baseline, cancel);
            holds &= seen.Told >= NamedMin && seen.Named >= NamedMin;
        }

        return holds;
    }

    private static IEnumerable<byte[]> Read(string folder) =>
        Directory.EnumerateFiles(folder, "*.jpg", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(File.ReadAllBytes);

    /// <summary>Takes photos through the board and judges windows of them.</summary>
    private sealed class Watch(PhotoSite site, Random random)
    {
        private DriftWindowBuilder? _builder;

        public DriftBaseline Learn(IReadOnlyList<byte[]> photos, CancellationToken cancel)
        {
            var survey = site.Features.Select(_ => new List<double>()).ToArray();
            for (var i = 0; i < Length; i++)
            {
                var values = site.Answer(photos[random.Next(photos.Count)]);
                for (var f = 0; f < survey.Length; f++)
                    survey[f].Add(values[f]);
            }

            DriftFeature[] features = [.. site.Features.Select((f, i) => new DriftFeature { Name = f.Name, Floor = f.Floor, Edges = DriftBins.From(survey[i], f.Floor) })];
            _builder = new DriftWindowBuilder(features, Length);
            return DriftBaseline.Learn(features, [.. Enumerable.Range(0, BaselineWindows).Select(_ => Fill(photos, cancel))], Alpha);
        }

        public (int Told, int Named) Show(string name, string? cause, IReadOnlyList<byte[]> photos, DriftBaseline baseline, CancellationToken cancel)
        {
            var windows = Enumerable.Range(0, WindowsEach).Select(_ => Fill(photos, cancel)).ToList();
            var verdicts = windows.Select(baseline.Judge).ToList();
            var told = verdicts.Count(v => v.HasDrifted);
            var hints = verdicts.SelectMany(DriftCauses.Of).GroupBy(c => c).OrderByDescending(g => g.Count()).Select(g => $"{g.Key} {g.Count()}").ToList();
            var named = cause is null ? 0 : verdicts.Count(v => DriftCauses.Of(v).Contains(cause));
            var textbook = windows.Select(w => Enumerable.Range(0, baseline.Features.Count).Select(f => DriftTrial.Textbook(baseline, w, f)).ToList()).ToList();
            int Alarmed(Func<DriftOutcome, bool> by) => textbook.Count(features => features.Any(by));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"  {name,-16} {$"{told} of {WindowsEach}",9} {(cause is null ? "" : $"{named} of {WindowsEach}"),9}  {LargestOf(verdicts[0]),-34} | {Alarmed(o => o.Psi),7} {Alarmed(o => o.Ks),7} {Alarmed(o => o.Js),7}  {string.Join(", ", hints)}"));
            return (told, named);
        }

        private static string LargestOf(DriftVerdict verdict) => string.Join(", ", verdict.Features.OrderByDescending(f => f.Excess).Take(2)
            .Select(f => string.Create(CultureInfo.InvariantCulture, $"{f.Name} {f.Distance:0.0}")));

        private DriftWindow Fill(IReadOnlyList<byte[]> photos, CancellationToken cancel)
        {
            while (true)
            {
                cancel.ThrowIfCancellationRequested();
                if (_builder!.Add(0, site.Answer(photos[random.Next(photos.Count)])) is { } window)
                    return window;
            }
        }
    }
}
