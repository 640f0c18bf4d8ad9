using EdgeFleet.ModelPrep.Inspecting;
using EdgeFleet.ModelPrep.Onnx;
using EdgeFleet.ModelPrep.Packing;
using EdgeFleet.ModelPrep.Tests.Quantization;
using EdgeFleet.ModelPrep.Tests.Samples;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Testing;
using static EdgeFleet.ModelPrep.Onnx.TensorProto.Types;

namespace EdgeFleet.ModelPrep.Tests.Inspecting;

public sealed class ModelInspectorTests(SampleData data) : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_is_told_from_outside_to_its_weights()
    {
        var sheet = ModelInspector.Inspect(SampleData.Model("sample_leaf_int8.onnx"));
        var floatSheet = ModelInspector.Inspect(SampleData.Model("sample_leaf_float.onnx"));

        Assert.Equal(Sha256Digest.Of(File.ReadAllBytes(SampleData.Model("sample_leaf_int8.onnx"))).Value, sheet.Digest);
        Assert.True(sheet.IsQuantized);
        Assert.False(floatSheet.IsQuantized);
        Assert.All(sheet.Layers, l => Assert.Equal("int8", l.Type));
        Assert.Equal(floatSheet.Layers.Select(l => l.Shape), sheet.Layers.Select(l => l.Shape));
        Assert.Equal(floatSheet.Layers.Count, floatSheet.Operators.Where(o => o.Key is "Conv" or "Gemm" or "MatMul").Sum(o => o.Value));
        Assert.Equal(["N", "3", "48", "48"], Assert.Single(floatSheet.Inputs).Shape);
        Assert.Empty(floatSheet.Notes);
    }

    [Fact]
    public void What_keeps_a_model_from_a_board_is_named_with_what_to_do()
    {
        var model = OnnxFile.Read(SampleData.Model("sample_leaf_float.onnx"));
        model.Graph.Input[0].Type.TensorType.Shape.Dim[2].ClearDimValue();
        model.Graph.Input[0].Type.TensorType.Shape.Dim[2].DimParam = "height";
        model.Graph.Input.Add(GraphBuilder.ValueInfo("place", DataType.Int64, 1, 2));
        model.Graph.Node[^1].Domain = "my.company";
        model.Graph.Initializer.RemoveAt(0);
        OnnxFile.Write(model, _folder["odd.onnx"]);

        var notes = string.Join("\n", ModelInspector.Inspect(_folder["odd.onnx"]).Notes);

        Assert.Contains("leaves dimensions open beside the batch ([N, 3, height, 48])", notes, StringComparison.Ordinal);
        Assert.Contains("It has 2 inputs", notes, StringComparison.Ordinal);
        Assert.Contains("'place' is int64, not float", notes, StringComparison.Ordinal);
        Assert.Contains("of my.company. Export", notes, StringComparison.Ordinal);
        Assert.Contains("it is missing. Export the model again", notes, StringComparison.Ordinal);
        Assert.Contains("does not exist", Assert.Throws<OnnxFileException>(() => ModelInspector.Inspect(_folder["none.onnx"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_package_is_read_whole_and_what_it_lacks_is_named()
    {
        Assert.IsType<PackResult.Packed>(ModelPacker.Pack(data.BearingRequest(_folder["out"]), cancel: Cancel));
        File.Delete(_folder["out", "labels.txt"]);

        var sheet = PackageSheet.Read(_folder["out"]);

        Assert.Equal("sample-bearing", sheet.Manifest.Name);
        Assert.Equal(2, sheet.Report!.Variants.Count);
        Assert.Equal(["labels.txt"], sheet.Missing);
        Assert.Contains("\"leastAgreement\"", InspectJson.Of(sheet), StringComparison.Ordinal);
        Assert.Contains("is no package", Assert.Throws<PackException>(() => PackageSheet.Read(_folder["none"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_models_differ_in_graph_weights_and_answers()
    {
        var (a, b) = (SampleData.Model("sample_leaf_float.onnx"), SampleData.Model("sample_leaf_int8.onnx"));
        var found = ModelDiffer.Compare(a, b);
        var request = data.LeafRequest("unused");
        var answers = ModelDiffer.Ask(new() { Models = [a, b], Float = a, Data = request.Data, Labels = request.Labels, Input = request.Input }, cancel: Cancel);

        Assert.False(found.IsSameFile);
        Assert.Contains(found.Operators, o => o is { Operator: "DequantizeLinear", A: 0, B: > 0 });
        Assert.Empty(found.Layers);
        Assert.Equal(found.A.Layers.Count, found.Weights.Count);
        Assert.All(found.Weights, w => Assert.InRange(w.SqnrDb!.Value, 30, 60));
        Assert.Equal(found.Weights.Select(w => w.SqnrDb), found.Weights.Select(w => w.SqnrDb).Order());
        Assert.Equal(answers.Samples - answers.Differing.Count, (int)Math.Round(answers.Agreement * answers.Samples));
        Assert.All(answers.Differing, s => Assert.NotEqual(s.A.Split(' ')[0], s.B.Split(' ')[0]));
    }

    [Fact]
    public void The_same_file_is_the_same_and_one_weight_is_seen()
    {
        var path = SampleData.Model("sample_leaf_float.onnx");
        Assert.True(ModelDiffer.Compare(path, path).IsSameFile);

        var model = OnnxFile.Read(path);
        var weights = model.Graph.Initializer.First(t => t.Dims.Count == 4);
        var values = Tensors.ToFloats(weights);
        values[3] += 0.25f;
        weights.MergeFrom(new TensorProto { RawData = Tensors.Floats("", values, [.. weights.Dims]).RawData });
        OnnxFile.Write(model, _folder["changed.onnx"]);

        var found = ModelDiffer.Compare(path, _folder["changed.onnx"]);
        var changed = Assert.Single(found.Weights, w => w.Changed > 0);
        Assert.Equal(1, changed.Changed);
        Assert.Equal(0.25f, changed.Greatest, 0.0001f);
        Assert.Equal(changed, found.Weights[0]);
        Assert.Empty(found.Operators);
    }

    [Fact]
    public void Layers_of_other_shapes_belong_to_one_side_only()
    {
        OnnxFile.Write(SmallNets.Model("relu"), _folder["relu.onnx"]);

        var found = ModelDiffer.Compare(SampleData.Model("sample_leaf_float.onnx"), _folder["relu.onnx"]);

        Assert.Empty(found.Weights);
        Assert.Equal(found.A.Layers.Count + found.B.Layers.Count, found.Layers.Count);
        Assert.Contains(found.Outside, o => o.StartsWith("Input: ", StringComparison.Ordinal));
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;
}
