using System.Text.RegularExpressions;
using EdgeFleet.ModelPrep.Evaluating;
using EdgeFleet.ModelPrep.Evaluating.Html;
using EdgeFleet.ModelPrep.Onnx;
using EdgeFleet.ModelPrep.Packing;
using EdgeFleet.ModelPrep.Tests.Samples;
using EdgeFleet.Shared.Models;
using EdgeFleet.Testing;

namespace EdgeFleet.ModelPrep.Tests.Evaluating;

public sealed partial class ModelComparerTests(SampleData data) : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Models_stand_side_by_side_with_the_float_one_first()
    {
        var report = Compare(Request(data.LeafRequest("unused"), SampleData.Model("sample_leaf_int8.onnx"), SampleData.Model("sample_leaf_float.onnx")) with { LatencyBlocks = 3 });

        Assert.Equal(["sample_leaf_float.onnx", "sample_leaf_int8.onnx"], report.Models.Select(m => m.Name));
        Assert.Equal("sample_leaf_float.onnx", report.Reference);
        var (floatModel, int8) = (report.Models[0], report.Models[1]);
        var alone = ModelEvaluator.Evaluate(SampleData.Model("sample_leaf_int8.onnx"), LabelledData.Open(data.Leaves, report.Labels), "test", PackSpecs.For(data.LeafRequest("unused")).Input, PackSpecs.For(data.LeafRequest("unused")).Output, Cancel);
        Assert.Equal(alone.Right, int8.Right!.Hits);
        Assert.Equal(alone.Samples, int8.Right.Of);
        Assert.Equal(alone.Confusion, int8.Confusion);
        Assert.Equal(alone.Recall, int8.PerLabel.Select(l => l.Recall.Share));
        Assert.Equal(int8.Right.Hits - floatModel.Right!.Hits, int8.Beside!.Gained - int8.Beside.Lost);
        Assert.Null(floatModel.Beside);
        Assert.Equal(new FileInfo(SampleData.Model("sample_leaf_int8.onnx")).Length, int8.Size);
        Assert.Equal(3, int8.Latency!.Blocks);
        Assert.InRange(int8.Latency.MedianMs, int8.Latency.LowMs, int8.Latency.HighMs);
        Assert.Equal(1, floatModel.Latency!.Ratio);
        Assert.Equal(CalibrationError.DefaultBins, int8.Calibration!.BinCount);
        Assert.Equal(["label", "luma", "sharpness"], report.Dimensions);
    }

    [Fact]
    public void A_package_is_evaluated_with_its_own_preparation()
    {
        Assert.IsType<PackResult.Packed>(ModelPacker.Pack(data.LeafRequest(_folder["package"]), cancel: Cancel));
        var asFile = Compare(Request(data.LeafRequest("unused"), SampleData.Model("sample_leaf_int8.onnx")));

        // The request's own preparation is another, which a package does not heed.
        var wrong = data.LeafRequest("unused");
        var report = Compare(Request(wrong with { Input = wrong.Input with { Scale = [1], Offset = [0] } }, _folder["package"]));

        var model = Assert.Single(report.Models);
        Assert.Equal("sample-leaf@2.0.0/cpu-int8", model.Name);
        Assert.Equal(asFile.Models[0].Right, model.Right);
        Assert.Null(report.Reference);
        Assert.Contains(report.Notes, n => n.Contains("no agreement", StringComparison.Ordinal));

        File.AppendAllText(_folder["package", "variants/cpu-int8.onnx"], "x");
        Assert.Contains("changed or damaged", Assert.Throws<PackException>(() => Compare(Request(wrong, _folder["package"]))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Folders_below_the_classes_and_columns_of_a_table_are_segments()
    {
        var table = new List<string> { "file,site" };
        foreach (var file in Directory.GetFiles(Path.Combine(data.Leaves, "test"), "*.jpg", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            var site = table.Count % 2 == 0 ? "north" : "south";
            var name = Path.Combine("test", Path.GetFileName(Path.GetDirectoryName(file)!), site, Path.GetFileName(file));
            Directory.CreateDirectory(Path.GetDirectoryName(_folder["data", name])!);
            File.Copy(file, _folder["data", name]);
            table.Add($"{name},{(table.Count % 3 == 0 ? "" : "hill " + site)}");
        }

        File.WriteAllLines(_folder["data", "sites.csv"], table);
        var request = Request(data.LeafRequest("unused"), SampleData.Model("sample_leaf_int8.onnx")) with { Data = _folder["data"] };

        Assert.Equal(["label", "folder"], Compare(request).Dimensions);
        var report = Compare(request with { Segments = ["folder", "site"] });
        var whole = report.Models[0].Right!;
        Assert.Equal(["north", "south"], Parts(report, "folder").Select(s => s.Segment));
        Assert.Equal(["(empty)", "hill north", "hill south"], Parts(report, "site").Select(s => s.Segment));
        Assert.Equal(whole.Hits, Parts(report, "folder").Sum(s => s.Right.Hits));
        Assert.Equal(whole.Of, Parts(report, "site").Sum(s => s.Right.Of));

        var absent = Assert.Throws<PackException>(() => Compare(request with { Segments = ["altitude"] }));
        Assert.Contains("There is no segment 'altitude'. Use 'folder'", absent.Message, StringComparison.Ordinal);
        Assert.Contains("a column (site)", absent.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_with_a_folder_for_each_class_needs_no_splits()
    {
        var report = Compare(Request(data.LeafRequest("unused"), SampleData.Model("sample_leaf_int8.onnx")) with { Data = Path.Combine(data.Leaves, "test") });

        Assert.Equal(Compare(Request(data.LeafRequest("unused"), SampleData.Model("sample_leaf_int8.onnx"))).Models[0].Right, report.Models[0].Right);
    }

    [Fact]
    public void Windows_boxes_and_scores_are_evaluated_too()
    {
        var bearing = Compare(Request(data.BearingRequest("unused"), SampleData.Model("sample_bearing_int8.onnx"), SampleData.Model("sample_bearing_float.onnx")));
        Assert.Equal("windows", bearing.Noun);
        Assert.Equal(["label"], bearing.Dimensions);

        var spots = Compare(Request(data.SpotRequest("unused"), SampleData.Model("sample_spots_int8.onnx"), SampleData.Model("sample_spots_float.onnx")));
        Assert.True(spots.IsLabelled);
        Assert.InRange(spots.Models[1].MeanAveragePrecision!.Value, 0.5, 1);
        Assert.Empty(spots.Models[0].Confusion);
        Assert.Equal(spots.Models[0].PerLabel.Sum(l => l.Recall.Of), spots.Models[1].PerLabel.Sum(l => l.Recall.Of));

        var hum = data.HumRequest("unused");
        var scored = Compare(Request(hum with { Score = hum.Score! with { Threshold = 0.05 } }, SampleData.Model("sample_hum_float.onnx")));
        Assert.Null(scored.Models[0].Calibration);
        Assert.Equal(["normal", "anomaly"], scored.Labels);
    }

    [Fact]
    public void What_is_wrong_is_named()
    {
        var request = Request(data.LeafRequest("unused"), SampleData.Model("sample_leaf_float.onnx"));
        Assert.Contains("has no files in split 'val'", Refusal(request with { Data = Path.Combine(data.Leaves, "test"), Split = "val" }), StringComparison.Ordinal);
        Assert.Contains("The split 'dev' is not known", Refusal(request with { Split = "dev" }), StringComparison.Ordinal);

        var upsideDown = Compare(request with { Input = request.Input with { Scale = [0.0001f], Offset = [5] } });
        Assert.Contains(upsideDown.Notes, n => n.Contains("is itself wrong on the data", StringComparison.Ordinal));
        Assert.Contains(upsideDown.Notes, n => n.Contains("has collapsed: it answers", StringComparison.Ordinal));

        var strange = OnnxFile.Read(SampleData.Model("sample_leaf_float.onnx"));
        strange.Graph.Node[0].OpType = "FancyConv";
        strange.Graph.Node[0].Domain = "my.company";
        OnnxFile.Write(strange, _folder["strange.onnx"]);
        Assert.Contains("strange.onnx uses operators that ONNX Runtime does not have: FancyConv of my.company", Refusal(request with { Models = [_folder["strange.onnx"]] }), StringComparison.Ordinal);
    }

    [Fact]
    public void The_page_stands_for_itself_and_trusts_no_name()
    {
        File.Copy(SampleData.Model("sample_leaf_int8.onnx"), _folder["<b>leaf&.onnx"]);
        var report = Compare(Request(data.LeafRequest("unused"), SampleData.Model("sample_leaf_float.onnx"), _folder["<b>leaf&.onnx"]) with { LatencyBlocks = 2 });

        var page = EvaluationPage.Of(report);

        Assert.DoesNotContain("<b>leaf", page, StringComparison.Ordinal);
        Assert.Contains("&lt;b&gt;leaf&amp;.onnx", page, StringComparison.Ordinal);
        Assert.DoesNotMatch(Outside(), page);
        Assert.Contains("prefers-color-scheme:dark", page, StringComparison.Ordinal);
        Assert.Equal(Count(page, "<svg"), Count(page, "</svg>"));
        Assert.Equal(Count(page, "<section"), Count(page, "</section>"));
        Assert.True(Count(page, "Show as table") >= 4, "Each chart has its table.");
        Assert.Contains($"\"name\": \"{System.Text.Encodings.Web.JavaScriptEncoder.Default.Encode("<b>leaf&.onnx")}\"", EvaluationJson.Of(report), StringComparison.Ordinal);
    }

    [Fact]
    public void The_real_coffee_models_are_told_apart()
    {
        var (symptom, models) = RealCoffee.OrSkip();
        var report = Compare(new EvaluateRequest
        {
            Models = [.. new[] { "coffee_leaf_float.onnx", "coffee_leaf_int8_qdq.onnx", "coffee_leaf_int8_collapsed.onnx" }.Select(f => Path.Combine(models, f))],
            Float = Path.Combine(models, "coffee_leaf_float.onnx"),
            Data = symptom,
            Labels = Path.Combine(models, "labels.txt"),
            Input = new PackInput { Layout = "NCHW", Width = 224, Height = 224, Scale = PackNumbers.Parse("--scale", "1/127.5"), Offset = [-1] },
            LatencyBlocks = 0,
        });

        Assert.Equal([167, 164, 38], report.Models.Select(m => m.Right!.Hits));
        Assert.InRange(report.Models[0].Calibration!.Ece, 0, 0.1);
        Assert.InRange(report.Models[2].Calibration!.Ece, 0.5, 0.7);
        Assert.Contains(report.Notes, n => n.StartsWith("coffee_leaf_int8_collapsed.onnx has collapsed: it answers health for 190 of 190 photos", StringComparison.Ordinal));
        Assert.All(report.Models, m => Assert.Null(m.Latency));
    }

    private static List<SegmentScore> Parts(EvaluationReport report, string dimension) =>
        [.. report.Models[0].Segments.Where(s => s.Dimension == dimension).OrderBy(s => s.Segment, StringComparer.Ordinal)];

    private static string Refusal(EvaluateRequest request) => Assert.Throws<PackException>(() => Compare(request)).Message;

    private static int Count(string text, string part) => text.Split(part).Length - 1;

    private static EvaluationReport Compare(EvaluateRequest request) => ModelComparer.Compare(request, cancel: Cancel);

    private static EvaluateRequest Request(PackRequest like, params string[] models) => new()
    {
        Models = models,
        Float = like.Float,
        Data = like.Data,
        Task = like.Task,
        Labels = like.Labels,
        Input = like.Input,
        Boxes = like.Boxes,
        Score = like.Score,
        Values = like.Values,
        Activation = like.Activation,
        LatencyBlocks = 0,
    };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [GeneratedRegex("<script|<link|<img|@import|url\\(|https?://", RegexOptions.IgnoreCase)]
    private static partial Regex Outside();
}
