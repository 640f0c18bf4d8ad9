using EdgeFleet.ModelPrep.Onnx;
using EdgeFleet.ModelPrep.Packing;
using EdgeFleet.ModelPrep.Quantization;
using EdgeFleet.Shared.Models;
using static EdgeFleet.ModelPrep.Onnx.TensorProto.Types;

namespace EdgeFleet.ModelPrep.Tests.Quantization;

/// <summary>
/// Small classifiers of several architectures that really tell their classes apart: a random body, and a last layer by the class means of what the body says. Samples are patterns
/// with noise, one pattern a class.
/// </summary>
internal static class SmallNets
{
    public const int Classes = 5;
    private const int Channels = 16;

    public static TheoryData<string> Names => ["relu", "hard-swish", "silu", "residual", "norms", "pre-normalised", "one-dimensional", "channels-last", "wide-range", "leaky", "old-opset"];

    /// <summary>The float model of an architecture.</summary>
    public static ModelProto Model(string name)
    {
        var input = InputOf(name);
        var body = Body(name, new GraphBuilder(name).Input("input", DataType.Float, input.Shape));
        var features = FeaturesOf(body, input, Samples(name, 60, seed: 1));
        var (weights, bias) = Head(features);
        return Finish(name, new GraphBuilder(name).Input("input", DataType.Float, input.Shape), weights, bias);
    }

    /// <summary>How a sample becomes its input.</summary>
    public static InputSpec InputOf(string name) => name == "one-dimensional"
        ? new InputSpec { Kind = "series", Tensor = "input", Layout = "NCT", Columns = ["a", "b"], Length = 64, Scale = [1, 1], Offset = [0, 0] }
        : new InputSpec { Kind = "image", Tensor = "input", Layout = name == "channels-last" ? "NHWC" : "NCHW", Width = 16, Height = 16, ColourOrder = "RGB", Scale = [1, 1, 1], Offset = [0, 0, 0] };

    /// <summary>Input, output and labels.</summary>
    public static PackSpecs SpecsOf(string name) =>
        new(InputOf(name), new OutputSpec { Tensor = "output", Activation = "softmax", Labels = [.. Enumerable.Range(0, Classes).Select(c => $"class-{c}")] });

    /// <summary>Samples with their class, always the same for a seed.</summary>
    public static IEnumerable<PreparedSample> Samples(string name, int count, int seed)
    {
        var size = InputOf(name).Elements;
        var patterns = new Random(77);
        float[][] classes = [.. Enumerable.Range(0, Classes).Select(_ => Smooth(patterns, size))];
        var random = new Random(seed);
        // 0 to 255 about a grey level, or -1 to 1.
        var (scale, shift) = name == "wide-range" ? (60f, 128f) : (0.5f, 0f);
        for (var i = 0; i < count; i++)
        {
            var label = i % Classes;
            var level = (float)(0.7 + (0.6 * random.NextDouble()));
            var values = new float[size];
            for (var v = 0; v < size; v++) values[v] = (((classes[label][v] * level) + (float)((random.NextDouble() - 0.5) * 1.2)) * scale) + shift;
            yield return new PreparedSample(new LabelledFile($"/{i}", $"{i}", label, "val"), 0, values, []);
        }
    }

    private static float[] Smooth(Random random, int size)
    {
        var waves = Enumerable.Range(0, 6).Select(_ => (Frequency: 0.02 + (random.NextDouble() * 0.6), Phase: random.NextDouble() * 6.3, Weight: random.NextDouble())).ToList();
        return [.. Enumerable.Range(0, size).Select(i => (float)waves.Sum(w => w.Weight * Math.Sin((w.Frequency * i) + w.Phase)))];
    }

    private static ModelProto Finish(string name, GraphBuilder graph, TensorProto weights, TensorProto bias) => Body(name, graph)
        .Constant(weights).Constant(bias).Node("Gemm", ["features", "head_w", "head_b"], "output").Output("output", DataType.Float, 1, Classes)
        .Model(name == "old-opset" ? 9 : 14, "test", "");

    private static GraphBuilder Body(string name, GraphBuilder graph) => name switch
    {
        "hard-swish" => Squeezed(Conv(graph, "input", "c1", 3, 1).Node("HardSwish", ["c1"], "a1"), "a1"),
        "silu" => Pooled(Silu(Conv(Silu(Conv(graph, "input", "c1", 3, 1), "c1"), "c1_silu", "c2", Channels, 2), "c2"), "c2_silu"),
        "residual" => Residual(graph),
        "norms" => Norms(graph),
        "pre-normalised" => Conv(graph.Constant(Tensors.Floats("m", [0.1f, -0.2f, 0.05f], 1, 3, 1, 1)).Constant(Tensors.Floats("s", [2f, 1.5f, 1f], 1, 3, 1, 1))
            .Node("Sub", ["input", "m"], "centred").Node("Mul", ["centred", "s"], "normal"), "normal", "c1", 3, 1).Node("Relu", ["c1"], "a1") is var normal ? Depthwise(normal, "a1") : graph,
        "one-dimensional" => OneDimensional(graph),
        "channels-last" => Depthwise(Conv(graph.Node("Transpose", ["input"], "nchw", Attributes.Of("perm", 0, 3, 1, 2)), "nchw", "c1", 3, 1).Node("Relu", ["c1"], "a1"), "a1"),
        "leaky" => Pooled(Conv(Conv(graph, "input", "c1", 3, 1).Node("LeakyRelu", ["c1"], "a1", Attributes.Of("alpha", 0.1f)), "a1", "c2", Channels, 2).Node("LeakyRelu", ["c2"], "a2", Attributes.Of("alpha", 0.1f)), "a2"),
        "old-opset" => Depthwise(Conv(graph, "input", "c1", 3, 1).Node("Clip", ["c1"], "a1", Attributes.Of("min", 0f), Attributes.Of("max", 6f)), "a1"),
        _ => Depthwise(Conv(graph, "input", "c1", 3, 1).Node("Relu", ["c1"], "a1"), "a1"),
    };

    private static GraphBuilder Conv(GraphBuilder graph, string from, string to, int channels, int seed, int kernel = 3) => graph
        .Constant(Weights($"{to}_w", seed, Channels, channels, kernel, kernel)).Constant(Weights($"{to}_b", seed + 50, Channels))
        .Node("Conv", [from, $"{to}_w", $"{to}_b"], to, Attributes.Of("pads", kernel / 2, kernel / 2, kernel / 2, kernel / 2));

    private static GraphBuilder Depthwise(GraphBuilder graph, string from) => Pooled(Conv(graph
        .Constant(Weights("dw_w", 5, Channels, 1, 3, 3)).Constant(Weights("dw_b", 6, Channels))
        .Node("Conv", [from, "dw_w", "dw_b"], "dw", Attributes.Of("pads", 1, 1, 1, 1), Attributes.Of("strides", 2, 2), Attributes.Of("group", (long)Channels))
        .Node("Relu", ["dw"], "dw_a"), "dw_a", "pw", Channels, 7, kernel: 1).Node("Relu", ["pw"], "pw_a"), "pw_a");

    private static GraphBuilder Silu(GraphBuilder graph, string from) => graph.Node("Sigmoid", [from], $"{from}_sigmoid").Node("Mul", [from, $"{from}_sigmoid"], $"{from}_silu");

    private static GraphBuilder Squeezed(GraphBuilder graph, string from) => Pooled(Conv(Conv(Conv(graph
        .Node("GlobalAveragePool", [from], "squeezed"), "squeezed", "se1", Channels, 21, kernel: 1).Node("Relu", ["se1"], "se1_a"), "se1_a", "se2", Channels, 22, kernel: 1)
        .Node("HardSigmoid", ["se2"], "gate", Attributes.Of("alpha", 1f / 6)).Node("Mul", [from, "gate"], "gated"), "gated", "c2", Channels, 23).Node("HardSwish", ["c2"], "a2"), "a2");

    private static GraphBuilder Residual(GraphBuilder graph) => Pooled(Conv(Conv(Conv(graph, "input", "c1", 3, 1).Node("Relu", ["c1"], "a1"), "a1", "c2", Channels, 2).Node("Relu", ["c2"], "a2"), "a2", "c3", Channels, 3)
        .Node("Add", ["a1", "c3"], "sum").Node("Relu", ["sum"], "a3").Node("MaxPool", ["a3"], "pooled", Attributes.Of("kernel_shape", 2, 2), Attributes.Of("strides", 2, 2)), "pooled");

    private static GraphBuilder Norms(GraphBuilder graph)
    {
        foreach (var (part, seed) in new[] { ("g", 31), ("beta", 32), ("m", 33) }) graph.Constant(Weights($"n_{part}", seed, Channels));
        var variance = Tensors.ToFloats(Weights("v", 34, Channels));
        graph.Constant(Tensors.Floats("n_v", [.. variance.Select(v => 0.5f + (v * v))], Channels));
        return Pooled(Conv(graph, "input", "c1", 3, 1).Node("BatchNormalization", ["c1", "n_g", "n_beta", "n_m", "n_v"], "n1").Node("Relu", ["n1"], "a1").Node("Identity", ["a1"], "i1"), "i1");
    }

    private static GraphBuilder OneDimensional(GraphBuilder graph) => graph
        .Constant(Weights("w1", 41, Channels, 2, 7)).Constant(Weights("b1", 42, Channels)).Constant(Weights("w2", 43, Channels, Channels, 3))
        .Node("Conv", ["input", "w1", "b1"], "c1", Attributes.Of("strides", [2L]), Attributes.Of("pads", 3, 3)).Node("Relu", ["c1"], "a1")
        .Node("Conv", ["a1", "w2"], "c2", Attributes.Of("dilations", [2L]), Attributes.Of("pads", 2, 2)).Node("Relu", ["c2"], "a2")
        .Node("AveragePool", ["a2"], "cells", Attributes.Of("kernel_shape", [4L]), Attributes.Of("strides", [4L])).Node("Flatten", ["cells"], "features");

    private static GraphBuilder Pooled(GraphBuilder graph, string from) => graph
        .Node("AveragePool", [from], "cells", Attributes.Of("kernel_shape", 4, 4), Attributes.Of("strides", 4, 4)).Node("Flatten", ["cells"], "features");

    private static TensorProto Weights(string name, int seed, params long[] dims)
    {
        var random = new Random(seed);
        var scale = 1.6 / Math.Sqrt(dims.Skip(1).Aggregate(1L, (a, b) => a * b));
        return Tensors.Floats(name, [.. Enumerable.Range(0, (int)dims.Aggregate(1L, (a, b) => a * b)).Select(_ => (float)(((random.NextDouble() * 2) - 0.95) * scale))], dims);
    }

    private static List<(int Label, float[] Features)> FeaturesOf(GraphBuilder body, InputSpec input, IEnumerable<PreparedSample> samples)
    {
        body.Output("features", DataType.Float, 1, -1);
        var model = body.Model(body.Graph().Name == "old-opset" ? 9 : 14, "test", "");
        using var watch = new TensorWatch(model, ["features"], SampleFeed.Of(input));
        var found = new List<(int, float[])>();
        foreach (var sample in samples) watch.Run(sample.Tensor, (_, _, values) => found.Add((sample.File.Label, values.ToArray())));
        return found;
    }

    // Nearest class mean, as a linear layer: 2 m.x - m.m, scaled so that probabilities are sure but not all one.
    private static (TensorProto Weights, TensorProto Bias) Head(List<(int Label, float[] Features)> features)
    {
        var size = features[0].Features.Length;
        double[][] means = [.. Enumerable.Range(0, Classes).Select(c => Enumerable.Range(0, size).Select(i => features.Where(f => f.Label == c).Average(f => (double)f.Features[i])).ToArray())];
        var spread = features.Average(f => f.Features.Select((v, i) => (v - means[f.Label][i]) * (v - means[f.Label][i])).Sum());
        // About their mean, which tells nothing of classes and would only widen the range of the output.
        double[] centre = [.. Enumerable.Range(0, size).Select(i => means.Average(m => m[i]))];
        var offset = means.Average(m => m.Sum(v => v * v));
        var weights = new float[size * Classes];
        for (var i = 0; i < size; i++)
            for (var c = 0; c < Classes; c++) weights[(i * Classes) + c] = (float)(4 * (means[c][i] - centre[i]) / spread);
        return (Tensors.Floats("head_w", weights, size, Classes), Tensors.Floats("head_b", [.. means.Select(m => (float)(-2 * (m.Sum(v => v * v) - offset) / spread))], Classes));
    }
}
