using EdgeFleet.ModelPrep.Onnx;
using EdgeFleet.ModelPrep.Packing;
using EdgeFleet.ModelPrep.Quantization;
using EdgeFleet.Shared.Models;
using EdgeFleet.Testing;

namespace EdgeFleet.Benchmarks.Quantize;

/// <summary>A model and the real photos, ready for the quantizer's parts.</summary>
internal sealed record PhotoLab(string File, PackSpecs Specs, LabelledData Data)
{
    private static readonly string Models = Path.Combine(RealData.Folder ?? "", "coffee-leaf-models");

    /// <summary>The coffee model's float file.</summary>
    public static string CoffeeFile => Path.Combine(Models, "coffee_leaf_float.onnx");

    /// <summary>Its int8 file by other hands.</summary>
    public static string OtherInt8 => Path.Combine(Models, "coffee_leaf_int8_qdq.onnx");

    /// <summary>What the command line would ask for the coffee model.</summary>
    public static QuantizeRequest CoffeeRequest(string file, string target) => new()
    {
        Float = file,
        Data = Path.Combine(RealData.Folder!, "coffee-leaf", "symptom"),
        Labels = Path.Combine(Models, "labels.txt"),
        Input = new PackInput { Layout = "NCHW", Width = 224, Height = 224, Scale = PackNumbers.Parse("--scale", "1/127.5"), Offset = [-1] },
        Out = target,
    };

    /// <summary>The coffee model.</summary>
    public static PhotoLab Coffee()
    {
        var request = CoffeeRequest(CoffeeFile, "unused");
        var specs = PackSpecs.For(request);
        return new PhotoLab(CoffeeFile, specs, LabelledData.Open(request.Data, specs.Output.Labels));
    }

    /// <summary>The backbone with its 1,000 classes: of the same photos nobody says which of those they are, so agreement alone is measured.</summary>
    public static PhotoLab Backbone()
    {
        var coffee = Coffee();
        var file = Path.Combine(Models, "mobilenet_v1_025_224_imagenet_float.onnx");
        var graph = OnnxFile.Read(file).Graph;
        // The file ends in a Softmax of its own.
        var output = new OutputSpec { Tensor = graph.Output[0].Name, Activation = graph.Node[^1].OpType == "Softmax" ? "none" : "softmax", Labels = [.. Enumerable.Range(0, 1000).Select(i => $"class-{i}")] };
        return coffee with { File = file, Specs = new PackSpecs(coffee.Specs.Input with { Tensor = graph.Input[0].Name }, output) };
    }

    /// <summary>The photos of a split; without labels where the model's are others.</summary>
    public SampleSpool Take(string split, int samplesMax, CancellationToken cancel)
    {
        var isOwn = Specs.Output.Labels.Count < 1000;
        var files = CalibrationSamples.Files(Data.Of(split), samplesMax).Select(f => isOwn ? f : f with { Label = -1 }).ToList();
        return SampleSpool.Take(new SplitReader(ISampleReader.For(Specs.Input)).Read(files, cancel), Specs.Input.Elements);
    }
}
