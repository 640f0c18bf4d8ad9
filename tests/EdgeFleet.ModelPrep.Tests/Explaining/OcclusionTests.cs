using EdgeFleet.ModelPrep.Explaining;
using EdgeFleet.ModelPrep.Onnx;
using EdgeFleet.ModelPrep.Packing;
using EdgeFleet.ModelPrep.Tests.Samples;
using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Models.Explaining;
using EdgeFleet.Testing;
using EdgeFleet.Testing.Packages;
using SkiaSharp;
using static EdgeFleet.ModelPrep.Onnx.TensorProto.Types;

namespace EdgeFleet.ModelPrep.Tests.Explaining;

public sealed class OcclusionTests(SampleData data) : IDisposable
{
    private const int Side = 16;

    private static readonly InputSpec Input = new()
    {
        Kind = "image", Tensor = "x", Layout = "NCHW", Width = Side, Height = Side, ColourOrder = "RGB", Resize = new ResizeSpec { Antialias = true }, Scale = [1 / 255f, 1 / 255f, 1 / 255f], Offset = [0, 0, 0],
    };

    private static readonly OutputSpec Output = new() { Tensor = "y", Activation = "softmax", Labels = ["dark", "red"] };

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0, 0, "upper left")]
    [InlineData(12, 0, "upper right")]
    [InlineData(12, 12, "lower right")]
    [InlineData(6, 6, "middle")]
    public void The_map_is_strongest_where_the_model_looks(int left, int top, string place)
    {
        using var session = Session(left, top);

        var map = new Occlusion(session, Input, Output).Map(Photo(left, top), cancel: Cancel)!;

        Assert.Equal("red", Output.Labels[map.Label]);
        Assert.True(map.IsAnswer);
        Assert.Equal(place, map.StrongestPlace);
        Assert.True(map.ConfidenceLeast < 0.5, "Without that part the answer turns.");
        var middle = ((left + 2f) / Side, (top + 2f) / Side);
        Assert.InRange(map.WeightAt(middle.Item1, middle.Item2), 0.8f, 1);
        Assert.InRange(map.WeightAt((left + 10) % Side / (float)Side, (top + 10) % Side / (float)Side), 0, 0.1f);
    }

    [Fact]
    public void Another_label_can_be_asked_about_and_the_part_speaks_against_it()
    {
        using var session = Session(0, 0);

        var map = new Occlusion(session, Input, Output).Map(Photo(0, 0), label: 0, cancel: Cancel)!;

        Assert.False(map.IsAnswer);
        Assert.True(map.Drops[0] < 0, "Covering the red square makes 'dark' surer.");
        Assert.False(map.HasFocus);
    }

    [Fact]
    public void The_photo_itself_is_left_as_it_was_and_the_picture_has_its_shape()
    {
        using var session = Session(12, 0);
        var photo = Photo(12, 0);
        var before = photo.Rgbx.ToArray();

        var map = new Occlusion(session, Input, Output).Map(photo, cancel: Cancel)!;
        using var picture = SKBitmap.Decode(OcclusionPicture.Draw(photo, map, isPng: true));

        Assert.Equal(before, photo.Rgbx.ToArray());
        Assert.Equal((224, 224), (picture.Width, picture.Height));
        var (bright, dim) = (picture.GetPixel(202, 22), picture.GetPixel(40, 180));
        Assert.True(bright.Red > 200, $"The square stays as it is: {bright}.");
        Assert.True(dim.Red < 20, $"The rest is dimmed: {dim}.");
        Assert.Contains(Enumerable.Range(0, 224 * 224).Select(i => picture.GetPixel(i % 224, i / 224)), c => c == new SKColor(0xFF, 0xB0, 0x00));
    }

    [Fact]
    public void Detectors_and_packages_are_explained_and_what_cannot_be_is_said()
    {
        File.WriteAllBytes(_folder["spots.png"], TestImages.Squares((new SKColor(220, 60, 40), 80, 16)));
        Assert.IsType<PackResult.Packed>(ModelPacker.Pack(data.SpotRequest(_folder["spots"], SampleData.Model("sample_spots_float.onnx")), cancel: Cancel));
        var request = new ExplainRequest { Image = _folder["spots.png"], Model = _folder["spots"], Float = "", Data = "", Input = new PackInput { Layout = "NCHW" } };

        var found = ModelExplainer.Explain(request, cancel: Cancel);

        Assert.StartsWith("sample-spots@1.0.0/cpu-fp32 says ", found.Sentence, StringComparison.Ordinal);
        Assert.Contains("upper right", found.Sentence, StringComparison.Ordinal);
        Assert.Contains("has no variant 'cpu-int8'", Refusal(request with { Variant = "cpu-int8" }), StringComparison.Ordinal);
        Assert.Contains("There is no label 'rust'", Refusal(request with { Label = "rust" }), StringComparison.Ordinal);
        Assert.Contains("does not exist", Refusal(request with { Image = _folder["none.png"] }), StringComparison.Ordinal);
        File.WriteAllText(_folder["text.png"], "no picture");
        Assert.Contains("neither a JPEG nor a PNG", Refusal(request with { Image = _folder["text.png"] }), StringComparison.Ordinal);
        File.WriteAllBytes(_folder["plain.png"], TestImages.Squares());
        Assert.Contains("finds nothing in", Refusal(request with { Image = _folder["plain.png"] }), StringComparison.Ordinal);
    }

    [Fact]
    public void Real_leaves_are_explained_by_their_lesions()
    {
        var (symptom, models) = RealCoffee.OrSkip();
        var photo = Path.Combine(symptom, "test", "5_cercospora", "1462_0982_0779_0098_0106.jpg");
        var found = ModelExplainer.Explain(new ExplainRequest
        {
            Image = photo, Model = Path.Combine(models, "coffee_leaf_float.onnx"), Float = Path.Combine(models, "coffee_leaf_float.onnx"), Data = "", Labels = Path.Combine(models, "labels.txt"),
            Input = new PackInput { Layout = "NCHW", Scale = PackNumbers.Parse("--scale", "1/127.5"), Offset = [-1], Antialias = true },
        }, cancel: Cancel);

        // The lesion is right of the middle of this crop; its corners are green leaf.
        Assert.Equal("cercospora", found.Label);
        Assert.True(found.Map.WeightAt(0.55f, 0.52f) > 0.5f, "The lesion counts.");
        Assert.All(new[] { (0.05f, 0.05f), (0.95f, 0.05f), (0.05f, 0.95f) }, c => Assert.True(found.Map.WeightAt(c.Item1, c.Item2) < 0.4f, "Green leaf does not."));
    }

    private static string Refusal(ExplainRequest request) => Assert.Throws<PackException>(() => ModelExplainer.Explain(request, cancel: Cancel)).Message;

    // Says red by the mean of red over a square of four pixels a side, and looks nowhere else.
    private static ModelSession Session(int left, int top)
    {
        var weights = new float[3 * Side * Side * 2];
        for (var y = top; y < top + 4; y++)
            for (var x = left; x < left + 4; x++) weights[(((y * Side) + x) * 2) + 1] = 10f / 16;
        var model = new GraphBuilder("square").Input("x", DataType.Float, -1, 3, Side, Side)
            .Constant(Tensors.Floats("w", weights, 3 * Side * Side, 2)).Constant(Tensors.Floats("b", [6, 0], 2))
            .Node("Flatten", ["x"], "flat").Node("Gemm", ["flat", "w", "b"], "y").Output("y", DataType.Float, -1, 2).Model(13, "test", "");
        return ModelSession.Load(OnnxFile.Bytes(model), "square", Input, Output);
    }

    private static PixelBuffer Photo(int left, int top)
    {
        var photo = new PixelBuffer();
        photo.Resize(Side, Side);
        photo.Rgbx.Fill(10);
        for (var y = top; y < top + 4; y++)
            for (var x = left; x < left + 4; x++) photo.Rgbx[((y * Side) + x) * 4] = 250;
        return photo;
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;
}
