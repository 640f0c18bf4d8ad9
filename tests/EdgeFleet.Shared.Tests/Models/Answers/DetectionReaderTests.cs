using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Models.Answers;
using FsCheck.Xunit;

namespace EdgeFleet.Shared.Tests.Models.Answers;

public sealed class DetectionReaderTests
{
    private const int Candidates = 12;
    private const int Labels = 3;
    private static readonly InputSpec Input = new()
    {
        Kind = "image", Tensor = "x", Layout = "NCHW", Width = 200, Height = 100, ColourOrder = "RGB", Resize = new ResizeSpec(), Scale = [1, 1, 1], Offset = [0, 0, 0],
    };

    [Property(MaxTest = 200)]
    public void Every_layout_of_the_same_boxes_and_scores_reads_the_same(int seed, bool background)
    {
        var random = new Random(seed);
        var boxes = Enumerable.Range(0, Candidates).Select(_ => (X: (float)random.NextDouble() * 150, Y: (float)random.NextDouble() * 70, W: 5 + (float)random.NextDouble() * 60, H: 5 + (float)random.NextDouble() * 40)).ToArray();
        var scores = Enumerable.Range(0, Candidates).Select(_ => Enumerable.Range(0, Labels + (background ? 1 : 0)).Select(_ => (float)random.NextDouble() * 8 - 4).ToArray()).ToArray();
        string activation = background ? "softmax" : "sigmoid";

        var expected = Read(boxes, scores, activation, background, layout: "NAC", isApart: false, coordinates: "xyxy", unit: "pixels");

        foreach (var layout in new[] { "NAC", "NCA" })
            foreach (var isApart in new[] { false, true })
                foreach (var coordinates in new[] { "xyxy", "yxyx", "cxcywh" })
                    foreach (var unit in new[] { "pixels", "normalised" })
                        AssertNear(expected, Read(boxes, scores, activation, background, layout, isApart, coordinates, unit));
    }

    [Fact]
    public void Scores_are_activated_and_a_background_is_no_label()
    {
        (float, float, float, float)[] boxes = [(20, 10, 40, 20)];
        var softmax = Assert.Single(Read(boxes, [[0, 3, 1, 0]], "softmax", background: true, "NAC", isApart: true, "xyxy", "pixels"));
        Assert.Equal(0, softmax.Label);
        Assert.Equal(Math.Exp(3) / (Math.Exp(0) + Math.Exp(3) + Math.Exp(1) + Math.Exp(0)), softmax.Score, 5);
        Assert.Equal((0.1f, 0.1f, 0.3f, 0.3f), (softmax.Left, softmax.Top, softmax.Right, softmax.Bottom));

        Assert.Empty(Read(boxes, [[9, 0, 0, 0]], "softmax", background: true, "NAC", isApart: true, "xyxy", "pixels"));
        Assert.Equal(0.8f, Assert.Single(Read(boxes, [[0.1f, 0.2f, 0.8f]], "none", background: false, "NAC", isApart: true, "xyxy", "pixels")).Score);
    }

    [Fact]
    public void Objectness_is_multiplied_and_a_count_ends_the_candidates()
    {
        var spec = Spec("NAC", true, "xyxy", "normalised", false) with { Candidates = 2, Objectness = true };
        var output = new OutputSpec { Tensor = "b", Activation = "none", Labels = ["a"], Boxes = spec };
        var found = new DetectionReader(spec, Input, output).Read([0, 0, 0.2f, 0.2f, 0.5f, 0.5f, 0.9f, 0.9f], [0.5f, 0.9f, 0.9f, 0.8f])!.Boxes.ToArray();

        Assert.Equal([0.9f * 0.8f, 0.5f * 0.9f], found.Select(b => b.Score));
    }

    [Fact]
    public void Boxes_are_cut_at_the_edge_and_empty_ones_are_none()
    {
        (float, float, float, float)[] boxes = [(-40, -20, 80, 40), (190, 90, 0, 5), (300, 300, 10, 10)];
        float[][] scores = [[0, 0.9f, 0], [0.9f, 0, 0], [0, 0, 0.9f]];

        var box = Assert.Single(Read(boxes, scores, "none", false, "NAC", false, "xyxy", "pixels"));

        Assert.Equal(new Box(1, 0.9f, 0, 0, 0.2f, 0.2f), box);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void What_is_not_a_number_is_no_answer(float value)
    {
        (float, float, float, float)[] boxes = [(20, 10, 40, 20)];
        Assert.Null(TryRead(boxes, [[0.1f, value, 0.9f]], "none", false, "NAC", false, "xyxy", "pixels"));
        Assert.Null(TryRead([(value, 10, 40, 20)], [[0.1f, 0.2f, 0.9f]], "none", false, "NAC", false, "xyxy", "pixels"));
    }

    [Fact]
    public void Reading_allocates_nothing()
    {
        var spec = Spec("NCA", false, "cxcywh", "pixels", false) with { Candidates = 500 };
        var reader = new DetectionReader(spec, Input, new OutputSpec { Tensor = "b", Activation = "sigmoid", Labels = ["a", "b", "c"], Boxes = spec });
        var random = new Random(5);
        float[] raw = [.. Enumerable.Range(0, 7 * 500).Select(i => (float)random.NextDouble() * (i < 2000 ? 100 : 3))];
        Assert.NotEqual(0, reader.Read(raw, raw)!.Count);

        var before = GC.GetAllocatedBytesForCurrentThread();
        reader.Read(raw, raw);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static void AssertNear(Box[] expected, Box[] given)
    {
        Assert.Equal(expected.Length, given.Length);
        foreach (var (e, g) in expected.Zip(given))
        {
            Assert.Equal((e.Label, e.Score), (g.Label, g.Score));
            Assert.True(e.Iou(g) > 0.999f);
        }
    }

    private static Box[] Read((float, float, float, float)[] boxes, float[][] scores, string activation, bool background, string layout, bool isApart, string coordinates, string unit) =>
        TryRead(boxes, scores, activation, background, layout, isApart, coordinates, unit)!;

    // Writes the tensors by the meaning of the layout, value by value.
    private static Box[]? TryRead((float X, float Y, float W, float H)[] boxes, float[][] scores, string activation, bool background, string layout, bool isApart, string coordinates, string unit)
    {
        var spec = Spec(layout, isApart, coordinates, unit, background) with { Candidates = boxes.Length };
        var reader = new DetectionReader(spec, Input, new OutputSpec { Tensor = "b", Activation = activation, Labels = ["a", "b", "c"], Boxes = spec });
        var rows = boxes.Select(b =>
        {
            var (left, top, right, bottom) = (b.X, b.Y, b.X + b.W, b.Y + b.H);
            float[] values = coordinates switch
            {
                "xyxy" => [left, top, right, bottom],
                "yxyx" => [top, left, bottom, right],
                _ => [b.X + b.W / 2, b.Y + b.H / 2, b.W, b.H],
            };
            float[] unitOf = unit == "pixels" ? [1, 1] : coordinates == "yxyx" ? [100, 200] : [200, 100];
            return values.Select((v, i) => v / unitOf[i % 2]).ToArray();
        }).ToArray();
        return isApart
            ? reader.Read(Tensor(rows, layout), Tensor(scores, layout))?.Boxes.ToArray()
            : Tensor([.. rows.Zip(scores, (r, s) => (float[])[.. r, .. s])], layout) is var all ? reader.Read(all, all)?.Boxes.ToArray() : null;
    }

    private static float[] Tensor(float[][] rows, string layout) =>
        layout == "NAC" ? [.. rows.SelectMany(r => r)] : [.. Enumerable.Range(0, rows[0].Length).SelectMany(v => rows.Select(r => r[v]))];

    private static BoxSpec Spec(string layout, bool isApart, string coordinates, string unit, bool background) => new()
    {
        Layout = layout, Candidates = Candidates, Coordinates = coordinates, Unit = unit, ScoresTensor = isApart ? "s" : null, Background = background,
    };
}
