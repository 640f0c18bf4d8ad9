using EdgeFleet.Samples.Exact;
using SkiaSharp;

namespace EdgeFleet.Samples.Leaves;

/// <summary>A labelled set of drawn leaves, the same for the same seed: in memory for the recipe, or as JPEG files for a board.</summary>
internal sealed class LeafSet(ulong seed)
{
    /// <summary>The seed of the sample models and of the demo.</summary>
    public const ulong DefaultSeed = 20;

    private const int JpegQuality = 92;

    /// <summary>The splits and how many leaves of each class they hold.</summary>
    public static IReadOnlyList<(string Split, int PerClass)> Splits { get; } = [("train", 100), ("val", 24), ("test", 24)];

    /// <summary>The class names in the order of the model's outputs.</summary>
    public static IReadOnlyList<string> Labels { get; } = [.. Enum.GetNames<LeafSymptom>().Select(n => n.ToLowerInvariant())];

    /// <summary>One split's leaves as RGB pixels with their class, class by class.</summary>
    public IEnumerable<(byte[] Rgb, int Class)> Paint(string split)
    {
        foreach (var symptom in Enum.GetValues<LeafSymptom>())
            for (var i = 0; i < PerClass(split); i++) yield return (Paint(split, symptom, i), (int)symptom);
    }

    /// <summary>Writes <c>FOLDER/split/n_class/*.jpg</c> and <c>labels.txt</c>; returns the number of images.</summary>
    public int Write(string folder)
    {
        var written = 0;
        foreach (var (split, perClass) in Splits)
        {
            foreach (var symptom in Enum.GetValues<LeafSymptom>())
            {
                var place = Directory.CreateDirectory(Path.Combine(folder, split, $"{(int)symptom + 1}_{Labels[(int)symptom]}")).FullName;
                for (var i = 0; i < perClass; i++, written++)
                    File.WriteAllBytes(Path.Combine(place, $"leaf_{i + 1:D3}.jpg"), Encode(Paint(split, symptom, i)));
            }
        }

        File.WriteAllLines(Path.Combine(folder, "labels.txt"), Labels);
        return written;
    }

    private byte[] Paint(string split, LeafSymptom symptom, int index) =>
        LeafPainter.Paint(symptom, SeededRandom.For(seed, SplitNumber(split), (ulong)symptom, (ulong)index));

    private static int PerClass(string split) => Splits[(int)SplitNumber(split)].PerClass;

    private static ulong SplitNumber(string split) => (ulong)Splits.Select(s => s.Split).ToList().IndexOf(split);

    private static byte[] Encode(byte[] rgb)
    {
        var info = new SKImageInfo(LeafPainter.Size, LeafPainter.Size, SKColorType.Rgba8888, SKAlphaType.Opaque);
        using var bitmap = new SKBitmap(info);
        var pixels = bitmap.GetPixelSpan();
        for (var i = 0; i < rgb.Length / 3; i++)
        {
            rgb.AsSpan(3 * i, 3).CopyTo(pixels[(4 * i)..]);
            pixels[(4 * i) + 3] = 255;
        }

        using var data = bitmap.Encode(SKEncodedImageFormat.Jpeg, JpegQuality);
        return data.ToArray();
    }
}
