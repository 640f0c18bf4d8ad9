using EdgeFleet.ModelPrep.Packing;
using EdgeFleet.ModelPrep.Tests.Samples;
using EdgeFleet.Samples.Hum;
using EdgeFleet.Samples.Leaves;
using EdgeFleet.Samples.Spots;
using EdgeFleet.Samples.Training;
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
        new SpotSet(SpotSet.DefaultSeed).Write(Spots);
        new HumSet(HumSet.DefaultSeed).Write(Hum);
    }

    public string Leaves => _folder["leaves"];

    public string Vibration => _folder["vibration"];

    public string Spots => _folder["spots"];

    public string Hum => _folder["hum"];

    public PackRequest SpotRequest(string target, params string[] onnx) => new()
    {
        Onnx = onnx.Length > 0 ? onnx : [Model("sample_spots_int8.onnx")],
        Float = Model("sample_spots_float.onnx"),
        Data = Spots,
        Task = ModelTask.ObjectDetection,
        Labels = Path.Combine(Spots, "labels.txt"),
        Input = new PackInput { Layout = "NCHW", Width = SpotRecipe.InputSize, Height = SpotRecipe.InputSize, Antialias = true, Scale = PackNumbers.Parse("--scale", "1/255") },
        Activation = "sigmoid",
        Boxes = new PackBoxes { Layout = "NCA", Coordinates = "cxcywh", Unit = "pixels" },
        Name = "sample-spots",
        Version = "1.0.0",
        Out = target,
    };

    public PackRequest HumRequest(string target, params string[] onnx) => new()
    {
        Onnx = onnx.Length > 0 ? onnx : [Model("sample_hum_int8.onnx")],
        Float = Model("sample_hum_float.onnx"),
        Data = Hum,
        Task = ModelTask.AnomalyScore,
        Input = new PackInput { Layout = "NCT", Columns = ["level"], Length = HumSet.WindowSize },
        Score = new PackScore { Kind = ScoreKind.SquaredError },
        Name = "sample-hum",
        Version = "1.0.0",
        Out = target,
    };

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
