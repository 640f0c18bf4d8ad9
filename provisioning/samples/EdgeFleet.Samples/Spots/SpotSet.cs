using System.Globalization;
using EdgeFleet.Samples.Exact;
using SkiaSharp;

namespace EdgeFleet.Samples.Spots;

/// <summary>Drawn pictures of red and blue squares on a dark, noisy ground, with green ones that mean nothing; the same for the same seed.</summary>
internal sealed class SpotSet(ulong seed)
{
    /// <summary>The seed of the sample data and of the tests.</summary>
    public const ulong DefaultSeed = 22;

    /// <summary>Pixels on a side of a picture.</summary>
    public const int Size = 128;

    /// <summary>Pixels on a side of a square.</summary>
    public const int SquareSize = 32;

    private const int JpegQuality = 92;
    private const int Step = 8;

    /// <summary>The splits and how many pictures they hold.</summary>
    public static IReadOnlyList<(string Split, int Pictures)> Splits { get; } = [("train", 12), ("val", 30), ("test", 12)];

    /// <summary>The labels in the order of the model's outputs.</summary>
    public static IReadOnlyList<string> Labels { get; } = ["red", "blue"];

    /// <summary>Writes <c>FOLDER/split/*.jpg</c>, a <c>.txt</c> with the boxes beside each, and <c>labels.txt</c>; returns the number of pictures.</summary>
    public int Write(string folder)
    {
        var written = 0;
        for (var part = 0; part < Splits.Count; part++)
        {
            var (split, pictures) = Splits[part];
            var place = Directory.CreateDirectory(Path.Combine(folder, split)).FullName;
            for (var i = 0; i < pictures; i++, written++)
            {
                var (jpeg, lines) = Paint(SeededRandom.For(seed, (ulong)part, (ulong)i));
                File.WriteAllBytes(Path.Combine(place, $"spots_{i + 1:D3}.jpg"), jpeg);
                File.WriteAllLines(Path.Combine(place, $"spots_{i + 1:D3}.txt"), lines);
            }
        }

        File.WriteAllLines(Path.Combine(folder, "labels.txt"), Labels);
        return written;
    }

    // One square at most in each quarter, so that none covers another.
    private static (byte[] Jpeg, List<string> Boxes) Paint(SeededRandom random)
    {
        using var bitmap = new SKBitmap(Size, Size, SKColorType.Rgba8888, SKAlphaType.Opaque);
        for (var y = 0; y < Size; y++)
            for (var x = 0; x < Size; x++) bitmap.SetPixel(x, y, new SKColor((byte)random.Whole(10, 50), (byte)random.Whole(10, 50), (byte)random.Whole(10, 50)));

        var boxes = new List<string>();
        for (var quarter = 0; quarter < 4; quarter++)
        {
            var kind = random.Whole(0, 4); // Red, blue, green, or nothing.
            var left = (quarter % 2 * Size / 2) + (Step * random.Whole(0, (Size / 2 - SquareSize) / Step));
            var top = (quarter / 2 * Size / 2) + (Step * random.Whole(0, (Size / 2 - SquareSize) / Step));
            if (kind > 2) continue;
            Fill(bitmap, left, top, kind, random);
            if (kind == 2) continue;
            double Share(double pixels) => pixels / Size;
            boxes.Add(string.Create(CultureInfo.InvariantCulture, $"{kind} {Share(left + SquareSize / 2.0)} {Share(top + SquareSize / 2.0)} {Share(SquareSize)} {Share(SquareSize)}"));
        }

        using var data = bitmap.Encode(SKEncodedImageFormat.Jpeg, JpegQuality);
        return (data.ToArray(), boxes);
    }

    private static void Fill(SKBitmap bitmap, int left, int top, int kind, SeededRandom random)
    {
        for (var y = top; y < top + SquareSize; y++)
        {
            for (var x = left; x < left + SquareSize; x++)
            {
                byte bright = (byte)random.Whole(225, 250), dark = (byte)random.Whole(20, 40);
                bitmap.SetPixel(x, y, new SKColor(kind == 0 ? bright : dark, kind == 2 ? bright : dark, kind == 1 ? bright : dark));
            }
        }
    }
}
