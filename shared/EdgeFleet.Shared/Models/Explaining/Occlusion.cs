using EdgeFleet.Shared.Models.Answers;
using Microsoft.ML.OnnxRuntime;

namespace EdgeFleet.Shared.Models.Explaining;

/// <summary>
/// Covers a picture patch by patch with its mean colour and watches how sure the model stays of its answer (Zeiler and Fergus 2014, arXiv 1311.2901). The picture is
/// prepared anew for each patch by the code that boards run, so nothing is explained that the model does not see.
/// </summary>
public sealed class Occlusion(ModelSession session, InputSpec input, OutputSpec output)
{
    /// <summary>Cells along the longer side unless another number is given.</summary>
    public const int DefaultCells = 14;

    // A patch is two cells wide, so that each cell is covered by four.
    private const float PatchCells = 2;

    // Log-odds of what is surer than this say nothing more.
    private const double SureMax = 1 - 1e-6;

    private readonly ImagePreparer _preparer = new(input);
    private readonly AnswerReader _reader = AnswerReader.For(input, output);

    /// <summary>The map of a picture.</summary>
    /// <param name="image">The picture; it is not changed.</param>
    /// <param name="label">The label asked about; null for the one that the model answers.</param>
    /// <param name="cells">Cells along the longer side, 2 to 64.</param>
    /// <param name="onPatch">Hears of each patch: done, and how many in all.</param>
    /// <param name="cancel">Ends it.</param>
    /// <returns>The map; null when the model's answer is not a number, or finds nothing.</returns>
    public OcclusionMap? Map(PixelBuffer image, int? label = null, int cells = DefaultCells, Action<int, int>? onPatch = null, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentOutOfRangeException.ThrowIfLessThan(cells, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(cells, 64);
        if (input.Kind != "image") throw new ArgumentException("Only a model of images can be asked where it looks.", nameof(image));

        var covered = new PixelBuffer();
        covered.CopyFrom(image);
        using var run = new RunOptions();
        if (Ask(covered, run) is not { } answer || (label ?? answer.Label) is not (>= 0 and var asked)) return null;
        var box = answer is DetectionAnswer detection ? BestOf(detection, asked) : null;
        if (answer is DetectionAnswer && box is null) return null;
        var (whole, isAnswer) = (ConfidenceOf(answer, asked, box), asked == answer.Label);

        var (columns, rows) = Grid(image, cells);
        var (sums, counts) = (new double[columns * rows], new int[columns * rows]);
        var (least, atColumn, atRow) = (float.MaxValue, 0, 0);
        var colour = MeanOf(image);
        for (var row = 0; row <= rows; row++)
        {
            for (var column = 0; column <= columns; column++)
            {
                cancel.ThrowIfCancellationRequested();
                var patch = PatchAt(image, column, row, columns, rows);
                Cover(covered, patch, colour);
                var confidence = Ask(covered, run) is { } without ? ConfidenceOf(without, asked, box) : 0;
                Uncover(covered, image, patch);
                if (confidence < least) (least, atColumn, atRow) = (confidence, column, row);
                Fold(sums, counts, column, row, columns, rows, LogOdds(whole) - LogOdds(confidence));
                onPatch?.Invoke(row * (columns + 1) + column + 1, (rows + 1) * (columns + 1));
            }
        }

        return new OcclusionMap(columns, rows, [.. sums.Zip(counts, (s, c) => (float)(s / c))], asked, isAnswer, whole, least, (float)atColumn / columns, (float)atRow / rows);
    }

    // Patches stand about the corners of cells, those at the edge half outside: each cell has four.
    private static (int Left, int Top, int Right, int Bottom) PatchAt(PixelBuffer image, int column, int row, int columns, int rows)
    {
        float width = (float)image.Width / columns, height = (float)image.Height / rows;
        const float half = PatchCells / 2;
        return (Math.Max(0, (int)((column - half) * width)), Math.Max(0, (int)((row - half) * height)),
            Math.Min(image.Width, (int)MathF.Ceiling((column + half) * width)), Math.Min(image.Height, (int)MathF.Ceiling((row + half) * height)));
    }

    private static void Fold(double[] sums, int[] counts, int column, int row, int columns, int rows, double drop)
    {
        for (var y = Math.Max(0, row - 1); y <= Math.Min(rows - 1, row); y++)
        {
            for (var x = Math.Max(0, column - 1); x <= Math.Min(columns - 1, column); x++)
            {
                sums[y * columns + x] += drop;
                counts[y * columns + x]++;
            }
        }
    }

    private static (int Columns, int Rows) Grid(PixelBuffer image, int cells)
    {
        var longer = Math.Max(image.Width, image.Height);
        return (Math.Clamp(cells * image.Width / longer, 1, image.Width), Math.Clamp(cells * image.Height / longer, 1, image.Height));
    }

    private static (byte Red, byte Green, byte Blue) MeanOf(PixelBuffer image)
    {
        long red = 0, green = 0, blue = 0;
        var pixels = image.Rgbx;
        for (var i = 0; i < pixels.Length; i += 4)
        {
            red += pixels[i];
            green += pixels[i + 1];
            blue += pixels[i + 2];
        }

        var count = pixels.Length / 4;
        return ((byte)(red / count), (byte)(green / count), (byte)(blue / count));
    }

    private static void Cover(PixelBuffer image, (int Left, int Top, int Right, int Bottom) patch, (byte Red, byte Green, byte Blue) colour)
    {
        for (var y = patch.Top; y < patch.Bottom; y++)
        {
            var row = image.Rgbx.Slice((y * image.Width + patch.Left) * 4, (patch.Right - patch.Left) * 4);
            for (var i = 0; i < row.Length; i += 4) (row[i], row[i + 1], row[i + 2]) = colour;
        }
    }

    private static void Uncover(PixelBuffer image, PixelBuffer original, (int Left, int Top, int Right, int Bottom) patch)
    {
        for (var y = patch.Top; y < patch.Bottom; y++)
        {
            var (start, length) = ((y * image.Width + patch.Left) * 4, (patch.Right - patch.Left) * 4);
            original.Rgbx.Slice(start, length).CopyTo(image.Rgbx.Slice(start, length));
        }
    }

    private static Box? BestOf(DetectionAnswer answer, int label)
    {
        foreach (var box in answer.Boxes)
            if (box.Label == label) return box;
        return null;
    }

    // Of boxes that of the one asked about: the surest of its label that overlaps it.
    private static float ConfidenceOf(Answer answer, int label, Box? box)
    {
        switch (answer)
        {
            case ClassAnswer one:
                return one.Confidences[label];
            case AnomalyAnswer anomaly:
                return label == 1 ? anomaly.Confidence : 1 - anomaly.Confidence;
            case DetectionAnswer detection:
                foreach (var found in detection.Boxes)
                    if (found.Label == label && found.Iou(box!.Value) >= AnswerComparison.IouMin) return found.Score;
                return 0;
            default:
                throw new InvalidOperationException($"{answer.GetType().Name} is no answer.");
        }
    }

    private static double LogOdds(float confidence)
    {
        var p = Math.Clamp(confidence, 1 - SureMax, SureMax);
        return Math.Log(p / (1 - p));
    }

    private Answer? Ask(PixelBuffer image, RunOptions run)
    {
        _preparer.Prepare(image, session.Input);
        session.Run(run);
        return _reader.Read(session);
    }
}
