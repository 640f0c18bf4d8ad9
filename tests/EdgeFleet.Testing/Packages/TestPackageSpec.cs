using EdgeFleet.Shared.Models;

namespace EdgeFleet.Testing.Packages;

/// <summary>What a <see cref="TestPackage"/> is made of. The ready-made ones are changed with <c>with</c>.</summary>
public sealed record TestPackageSpec
{
    /// <summary>Name of the model.</summary>
    public string Name { get; init; } = "colours";

    /// <summary>Version.</summary>
    public string Version { get; init; } = "1.0.0";

    /// <summary>The float model's ONNX file, whose answers the golden set expects.</summary>
    public required byte[] Float { get; init; }

    /// <summary>The variants that ship, by name.</summary>
    public required IReadOnlyDictionary<string, byte[]> Variants { get; init; }

    /// <summary>Input of the manifest.</summary>
    public required InputSpec Input { get; init; }

    /// <summary>Output of the manifest.</summary>
    public required OutputSpec Output { get; init; }

    /// <summary>Prepared tensors of the golden set.</summary>
    public required IReadOnlyList<float[]> GoldenInputs { get; init; }

    /// <summary>True labels of the golden inputs; the float model's answers when left out.</summary>
    public IReadOnlyList<int>? GoldenLabels { get; init; }

    /// <summary>The encoded pictures that the golden inputs were made of, to check the preparation; left out by default.</summary>
    public IReadOnlyList<byte[]> GoldenSources { get; init; } = [];

    /// <summary>The pictures that the golden inputs are prepared from, all of them: then no tensors ship. Left out by default.</summary>
    public IReadOnlyList<byte[]> GoldenPhotos { get; init; } = [];

    /// <summary>Advice on its labels; left out by default.</summary>
    public AdviceTexts? Advice { get; init; }

    /// <summary>Share of the golden items that a variant must answer as the float model does.</summary>
    public double LeastAgreement { get; init; } = 0.95;

    /// <summary>Largest mean change of the probability of the float model's answer.</summary>
    public double ProbabilityTolerance { get; init; } = 0.1;

    /// <summary>Alert rules.</summary>
    public IReadOnlyList<AlertRule> Alerts { get; init; } = [];

    /// <summary>Budgets; generous by default.</summary>
    public Budgets Budgets { get; init; } = new() { P95LatencyMs = 1000, MemoryMb = 512 };

    /// <summary>Limits of shadow; none by default.</summary>
    public ShadowLimits? Shadow { get; init; }

    /// <summary>Oldest version that a board may go back to.</summary>
    public string ReleaseFloor { get; init; } = "";

    /// <summary>Why the package is for the lab only.</summary>
    public string? Unproven { get; init; }

    /// <summary>A package that tells red from green from blue pictures, on <see cref="TinyModel.OfColours"/>.</summary>
    /// <param name="version">Version.</param>
    /// <param name="served">The model that ships as <c>cpu-fp32</c>; the float model itself when left out.</param>
    public static TestPackageSpec Colours(string version = "1.0.0", TinyModel? served = null)
    {
        const int Side = 8;
        var model = TinyModel.OfColours(Side);
        return new TestPackageSpec
        {
            Version = version,
            Float = model.Build(),
            Variants = new Dictionary<string, byte[]> { ["cpu-fp32"] = (served ?? model).Build() },
            Input = new InputSpec
            {
                Kind = "image",
                Tensor = "input",
                Layout = "NCHW",
                Width = Side,
                Height = Side,
                ColourOrder = "RGB",
                Resize = new ResizeSpec(),
                Scale = [1 / 255f, 1 / 255f, 1 / 255f],
                Offset = [0, 0, 0],
            },
            Output = new OutputSpec { Tensor = "output", Activation = "softmax", Labels = ["red", "green", "blue"] },
            GoldenInputs = [.. Enumerable.Range(0, 12).Select(i => Plain(Side, channel: i % 3, 0.5f + i / 24f))],
        };
    }

    /// <summary>A package that says which column of a window moves most, on <see cref="TinyModel.OfSeries"/>.</summary>
    public static TestPackageSpec Series(string version = "1.0.0", int length = 16, TinyModel? served = null, params string[] columns)
    {
        string[] named = columns.Length == 0 ? ["x", "y"] : columns;
        var model = TinyModel.OfSeries(named.Length, length);
        return new TestPackageSpec
        {
            Name = "series",
            Version = version,
            Float = model.Build(),
            Variants = new Dictionary<string, byte[]> { ["cpu-fp32"] = (served ?? model).Build() },
            Input = new InputSpec
            {
                Kind = "series",
                Tensor = "input",
                Layout = "NCT",
                Columns = named,
                Length = length,
                Scale = [.. named.Select(_ => 1f)],
                Offset = [.. named.Select(_ => 0f)],
            },
            Output = new OutputSpec { Tensor = "output", Activation = "softmax", Labels = [.. named.Select(n => $"{n}-moves")] },
            GoldenInputs = [.. Enumerable.Range(0, 8).Select(i => Moving(named.Length, length, i % named.Length))],
        };
    }

    /// <summary>The real coffee leaf models under <see cref="RealData.Folder"/>: one of <c>float</c>, <c>int8_qdq</c>, <c>int8_collapsed</c>.</summary>
    public static TestPackageSpec Coffee(string version, string served)
    {
        var folder = Path.Combine(RealData.Folder!, "coffee-leaf-models");
        const int Pixels = 224 * 224;
        var bytes = File.ReadAllBytes(Path.Combine(folder, "golden_inputs_224x224_rgb.u8"));
        return new TestPackageSpec
        {
            Name = "coffee-leaf",
            // The int8 model that is good on the whole test set answers 18 of these 20 as the float model does.
            LeastAgreement = 0.85,
            Version = version,
            Float = File.ReadAllBytes(Path.Combine(folder, "coffee_leaf_float.onnx")),
            Variants = new Dictionary<string, byte[]>
            {
                [served == "float" ? "cpu-fp32" : "cpu-int8"] = File.ReadAllBytes(Path.Combine(folder, $"coffee_leaf_{served}.onnx")),
            },
            Input = new InputSpec
            {
                Kind = "image",
                Tensor = "input",
                Layout = "NCHW",
                Width = 224,
                Height = 224,
                ColourOrder = "RGB",
                Resize = new ResizeSpec { Antialias = true },
                Scale = [1 / 127.5f, 1 / 127.5f, 1 / 127.5f],
                Offset = [-1, -1, -1],
            },
            Output = new OutputSpec { Tensor = "output", Activation = "softmax", Labels = File.ReadAllLines(Path.Combine(folder, "labels.txt")) },
            GoldenInputs = [.. Enumerable.Range(0, bytes.Length / (Pixels * 3)).Select(i => Planes(bytes.AsSpan(i * Pixels * 3, Pixels * 3)))],
        };
    }

    private static float[] Plain(int side, int channel, float amount)
    {
        var tensor = new float[3 * side * side];
        tensor.AsSpan(channel * side * side, side * side).Fill(amount);
        return tensor;
    }

    private static float[] Moving(int channels, int length, int channel)
    {
        var tensor = new float[channels * length];
        for (var t = 0; t < length; t++)
            tensor[channel * length + t] = t % 2 == 0 ? 1 : -1;
        return tensor;
    }

    private static float[] Planes(ReadOnlySpan<byte> rgb)
    {
        var tensor = new float[rgb.Length];
        for (var i = 0; i < rgb.Length; i++)
            tensor[i % 3 * (rgb.Length / 3) + i / 3] = rgb[i] / 127.5f - 1;
        return tensor;
    }
}
