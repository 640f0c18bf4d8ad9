using EdgeFleet.ModelPrep.Onnx;
using EdgeFleet.ModelPrep.Packing;
using EdgeFleet.ModelPrep.Quantization;
using EdgeFleet.Shared.Models;
using static EdgeFleet.ModelPrep.Onnx.TensorProto.Types;

namespace EdgeFleet.Benchmarks.Quantize;

/// <summary>A network large enough for int8 to pay, of plain convolutions; its weights are random, only its time is measured.</summary>
internal static class LargeNet
{
    private const int Side = 64;
    private const int Width = 64;
    private const int Layers = 4;

    /// <summary>Millions of multiplications and additions of a run.</summary>
    public static double MegaFlops => 2e-6 * Side * Side * 9 * ((3.0 * Width) + ((Layers - 1.0) * Width * Width));

    /// <summary>Whether this CPU multiplies bytes in one instruction.</summary>
    public static bool HasVnni => File.ReadLines("/proc/cpuinfo").Any(l => l.StartsWith("flags", StringComparison.Ordinal) && (l.Contains("avx512_vnni", StringComparison.Ordinal) || l.Contains("avx_vnni", StringComparison.Ordinal)));

    /// <summary>Times both forms.</summary>
    public static SpeedReport Measure(CancellationToken cancel)
    {
        var model = Build();
        var random = new Random(3);
        float[][] samples = [.. Enumerable.Range(0, 8).Select(_ => Enumerable.Range(0, 3 * Side * Side).Select(_ => (float)((random.NextDouble() * 2) - 1)).ToArray())];
        var int8 = StaticQuantizer.Quantize(model, samples, [1, 3, Side, Side]);
        var specs = new PackSpecs(
            new InputSpec { Kind = "image", Tensor = "input", Layout = "NCHW", Width = Side, Height = Side, ColourOrder = "RGB", Scale = [1, 1, 1], Offset = [0, 0, 0] },
            new OutputSpec { Tensor = "output", Activation = "softmax", Labels = ["a", "b"] });
        using var floatSession = ModelSession.Load(OnnxFile.Bytes(model), "large", specs.Input, specs.Output);
        using var int8Session = ModelSession.Load(OnnxFile.Bytes(int8), "large int8", specs.Input, specs.Output);
        return SpeedCheck.Of(floatSession, int8Session, samples[0], cancel);
    }

    private static ModelProto Build()
    {
        var random = new Random(1);
        var graph = new GraphBuilder("large").Input("input", DataType.Float, 1, 3, Side, Side);
        var from = "input";
        for (var layer = 0; layer < Layers; layer++)
        {
            var channels = layer == 0 ? 3 : Width;
            graph.Constant(Weights(random, $"w{layer}", Width, channels, 3, 3)).Constant(Weights(random, $"b{layer}", Width))
                .Node("Conv", [from, $"w{layer}", $"b{layer}"], $"c{layer}", Attributes.Of("pads", 1, 1, 1, 1)).Node("Relu", [$"c{layer}"], $"a{layer}");
            from = $"a{layer}";
        }

        return graph.Constant(Weights(random, "w", Width, 2)).Constant(Weights(random, "b", 2))
            .Node("GlobalAveragePool", [from], "mean").Node("Flatten", ["mean"], "flat").Node("Gemm", ["flat", "w", "b"], "output").Output("output", DataType.Float, 1, 2)
            .Model(13, "edgefleet", "");
    }

    private static TensorProto Weights(Random random, string name, params long[] dims)
    {
        var scale = 2 / Math.Sqrt(dims.Skip(1).Aggregate(1L, (a, b) => a * b));
        return Tensors.Floats(name, [.. Enumerable.Range(0, (int)dims.Aggregate(1L, (a, b) => a * b)).Select(_ => (float)((random.NextDouble() - 0.5) * scale))], dims);
    }
}
