using EdgeFleet.ModelPrep.Evaluating;
using EdgeFleet.ModelPrep.Onnx;
using EdgeFleet.ModelPrep.Packing;
using EdgeFleet.ModelPrep.Quantization;
using EdgeFleet.ModelPrep.Tests.Samples;
using EdgeFleet.Testing;

namespace EdgeFleet.ModelPrep.Tests;

/// <summary>What people get wrong, asked of packing, quantizing and evaluating alike: each names the bad thing, says what to do, and leaves nothing behind.</summary>
public sealed class BadInputTests(SampleData data) : IDisposable
{
    private readonly TempFolder _folder = new();

    public static TheoryData<string> Commands => ["pack", "quantize", "evaluate"];

    public void Dispose() => _folder.Dispose();

    [Theory, MemberData(nameof(Commands))]
    public void A_model_that_leaves_its_size_open_asks_for_one_and_takes_it(string command)
    {
        var open = Changed(graph =>
        {
            foreach (var place in new[] { 2, 3 })
            {
                graph.Input[0].Type.TensorType.Shape.Dim[place].ClearDimValue();
                graph.Input[0].Type.TensorType.Shape.Dim[place].DimParam = "side";
            }
        });
        var leaf = Leaf(open);

        Assert.Contains("leaves the size of the image open. Give --size WIDTHxHEIGHT", Refusal(command, leaf with { Input = leaf.Input with { Width = 0, Height = 0 } }), StringComparison.Ordinal);
        Assert.Null(Try(command, leaf));
    }

    [Theory, MemberData(nameof(Commands))]
    public void Weights_that_are_missing_are_named(string command)
    {
        var name = "";
        var without = Changed(graph =>
        {
            name = graph.Initializer.First(t => t.Dims.Count == 4).Name;
            graph.Initializer.Remove(graph.Initializer.First(t => t.Name == name));
        });

        var refusal = Refusal(command, Leaf(without));
        Assert.Contains($"has no weights and no node for '{name}'", refusal, StringComparison.Ordinal);
        Assert.Contains("Export the model again", refusal, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Commands))]
    public void Operators_that_nobody_knows_are_named_with_what_to_do(string command)
    {
        var strange = Changed(graph => (graph.Node[0].OpType, graph.Node[0].Domain) = ("FancyConv", "my.company"));
        Assert.Contains("uses operators that ONNX Runtime does not have: FancyConv of my.company. Export the model with standard operators instead", Refusal(command, Leaf(strange)), StringComparison.Ordinal);

        var unknown = Changed(graph => graph.Node[0].OpType = "NoSuchOperation");
        Assert.Contains("NoSuchOperation", Refusal(command, Leaf(unknown)), StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Commands))]
    public void A_wrong_number_of_labels_is_counted(string command)
    {
        File.WriteAllText(_folder["four.txt"], "a\nb\nc\nd\n");

        Assert.Contains("four.txt has 4 labels, but", Refusal(command, data.LeafRequest("") with { Labels = _folder["four.txt"] }), StringComparison.Ordinal);
        Directory.Delete(Path.Combine(Copy("val", "test"), "val", "5_cercospora"), recursive: true);
        Directory.Delete(_folder["data", "test", "5_cercospora"], recursive: true);
        Assert.Contains("give 4 labels, but", Refusal(command, data.LeafRequest("") with { Labels = null, Data = _folder["data"] }), StringComparison.Ordinal);
    }

    [Fact]
    public void One_class_is_refused_where_something_is_chosen_and_said_where_it_is_measured()
    {
        foreach (var place in Directory.GetDirectories(Path.Combine(Copy("val", "test"), "val")).Concat(Directory.GetDirectories(_folder["data", "test"])).Where(p => !p.EndsWith("rust", StringComparison.Ordinal)))
            Directory.Delete(place, recursive: true);
        var rust = data.LeafRequest("") with { Data = _folder["data"] };

        Assert.Contains("files of one class only", Refusal("pack", rust), StringComparison.Ordinal);
        Assert.Contains("files of one class only", Refusal("quantize", rust), StringComparison.Ordinal);
        Assert.Contains(Evaluated(rust).Notes, n => n.StartsWith("The data has one class only", StringComparison.Ordinal));
    }

    [Theory, MemberData(nameof(Commands))]
    public void Photos_that_cannot_be_read_are_counted_and_named(string command)
    {
        Copy("val", "test", "train");
        foreach (var split in new[] { "val", "test" })
            foreach (var photo in Directory.GetFiles(_folder["data", split, "2_miner"])) File.WriteAllText(photo, "no photo");

        var refusal = Refusal(command, data.LeafRequest("") with { Data = _folder["data"] });

        Assert.Matches(@"\d+ of \d+ files of split \w+ cannot be read, among them \w+/2_miner/leaf_\d+\.jpg: It is neither a JPEG nor a PNG\. Mend or remove them", refusal);
    }

    [Fact]
    public void A_float_model_that_is_wrong_on_the_data_is_no_measure_for_others()
    {
        var leaf = data.LeafRequest("");
        var wrong = leaf with { Input = leaf.Input with { Scale = [0.0001f], Offset = [5] } };

        Assert.Contains("sample_leaf_float.onnx is itself wrong on the data", Refusal("pack", wrong), StringComparison.Ordinal);
        Assert.Contains("sample_leaf_float.onnx is itself wrong on the data", Refusal("quantize", wrong), StringComparison.Ordinal);
        Assert.Contains(Evaluated(wrong).Notes, n => n.Contains("is itself wrong on the data", StringComparison.Ordinal));
    }

    private string Refusal(string command, PackRequest request) => Try(command, request) ?? throw new InvalidOperationException($"{command} took it.");

    // The refusal; null when the command takes the input. Whatever happened, nothing half-made is left.
    private string? Try(string command, PackRequest request)
    {
        try
        {
            switch (command)
            {
                case "pack":
                    ModelPacker.Pack(request with { Out = _folder["made", "package"] }, cancel: Cancel);
                    break;
                case "quantize":
                    ModelQuantizer.Quantize(new QuantizeRequest { Float = request.Float, Out = _folder["made", "int8.onnx"], Data = request.Data, Labels = request.Labels, Input = request.Input, Calibrators = [Calibrator.MinMax], CalibrationSamples = 20 }, cancel: Cancel);
                    break;
                default:
                    Evaluated(request);
                    break;
            }

            return null;
        }
        catch (Exception refused) when (refused is PackException or QuantizationException)
        {
            Assert.Empty(Directory.Exists(_folder["made"]) ? Directory.GetFileSystemEntries(_folder["made"]) : []);
            return refused.Message;
        }
    }

    private static EvaluationReport Evaluated(PackRequest request) => ModelComparer.Compare(
        new EvaluateRequest { Models = [request.Float], Float = request.Float, Data = request.Data, Labels = request.Labels, Input = request.Input, LatencyBlocks = 0 }, cancel: Cancel);

    private PackRequest Leaf(string model) => data.LeafRequest("", model) with { Float = model };

    private string Changed(Action<GraphProto> change)
    {
        var model = OnnxFile.Read(SampleData.Model("sample_leaf_float.onnx"));
        change(model.Graph);
        var path = _folder[$"changed-{Directory.GetFiles(_folder.Path).Length}.onnx"];
        OnnxFile.Write(model, path);
        return path;
    }

    private string Copy(params string[] splits)
    {
        foreach (var file in splits.SelectMany(s => Directory.GetFiles(Path.Combine(data.Leaves, s), "*.jpg", SearchOption.AllDirectories)))
        {
            var target = Path.Combine(_folder["data"], Path.GetRelativePath(data.Leaves, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        return _folder["data"];
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;
}
