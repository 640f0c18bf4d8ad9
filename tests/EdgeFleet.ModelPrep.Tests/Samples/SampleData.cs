using EdgeFleet.ModelPrep.Packing;
using EdgeFleet.ModelPrep.Tests.Samples;
using EdgeFleet.Samples.Leaves;
using EdgeFleet.Samples.Vibration;
using EdgeFleet.Shared.Models;
using EdgeFleet.Testing;

[assembly: AssemblyFixture(typeof(SampleData))]

namespace EdgeFleet.ModelPrep.Tests.Samples;

/// <summary>The sample data as files, made once for all tests.</summary>
public sealed class SampleData : IDisposable
{
    private readonly TempFolder _folder = new();

    public SampleData()
    {
        new LeafSet(LeafSet.DefaultSeed).Write(Leaves);
        new VibrationSet(VibrationSet.DefaultSeed).Write(Vibration);
    }

    public string Leaves => _folder["leaves"];

    public string Vibration => _folder["vibration"];

    public PackRequest LeafRequest(string target, params string[] onnx) => new()
    {
        Onnx = onnx.Length > 0 ? onnx : [Model("sample_leaf_int8.onnx")],
        Float = Model("sample_leaf_float.onnx"),
        Data = Leaves,
        Task = ModelTask.ImageClassification,
        Labels = Path.Combine(Leaves, "labels.txt"),
        Input = new PackInput { Layout = "NCHW", Width = 48, Height = 48, Scale = PackNumbers.Parse("--scale", "1/127.5"), Offset = [-1] },
        Name = "sample-leaf",
        Version = "2.0.0",
        Out = target,
    };

    public PackRequest BearingRequest(string target) => new()
    {
        Onnx = [Model("sample_bearing_int8.onnx"), Model("sample_bearing_float.onnx")],
        Float = Model("sample_bearing_float.onnx"),
        Data = Vibration,
        Task = ModelTask.SeriesClassification,
        Labels = Path.Combine(Vibration, "labels.txt"),
        Input = new PackInput { Layout = "NCT", Columns = ["acceleration"], Length = VibrationSet.WindowSize },
        Name = "sample-bearing",
        Version = "1.0.0",
        Out = target,
    };

    public static string Model(string name) => Path.Combine(RealData.CheckoutRoot, "provisioning", "samples", "models", name);

    public void Dispose() => _folder.Dispose();
}
