using EdgeFleet.Shared.Models;

namespace EdgeFleet.ModelPrep.Packing;

/// <summary>A float model and its data, and how a sample becomes its input and its outputs an answer, as far as the ONNX file does not say it.</summary>
public abstract record ModelRequest
{
    /// <summary>The float ONNX file, whose answers are what others are held against.</summary>
    public required string Float { get; init; }

    /// <summary>Labelled data: a folder <c>split/class/files</c>, a folder with a table, or the table itself (columns file, label or class, split).</summary>
    public required string Data { get; init; }

    /// <summary>One of <see cref="ModelTask"/>.</summary>
    public string Task { get; init; } = ModelTask.ImageClassification;

    /// <summary>Text file with one label a line, in the order of the outputs; null for an anomaly score, whose labels are always the same.</summary>
    public string? Labels { get; init; }

    /// <summary>How boxes are read, for object detection.</summary>
    public PackBoxes? Boxes { get; init; }

    /// <summary>What the score is, for an anomaly score.</summary>
    public PackScore? Score { get; init; }

    /// <summary>Further inputs of the model, named values of the place it serves; none are read from the data, so the defaults stand in.</summary>
    public IReadOnlyList<ValuesInput> Values { get; init; } = [];

    /// <summary>How a sample becomes the input tensor.</summary>
    public required PackInput Input { get; init; }

    /// <summary><c>softmax</c>, <c>sigmoid</c> or <c>none</c>.</summary>
    public string Activation { get; init; } = "softmax";
}

/// <summary>What <see cref="ModelPacker"/> is asked to pack.</summary>
public sealed record PackRequest : ModelRequest
{
    /// <summary>The ONNX files that boards will run; the float file may be one of them.</summary>
    public required IReadOnlyList<string> Onnx { get; init; }

    /// <summary>ONNX files for Jetsons with TensorRT, as <c>model quantize --target tensorrt</c> makes them.</summary>
    public IReadOnlyList<string> TensorRt { get; init; } = [];

    /// <summary>JSON file with names of labels and advice, by language; see <see cref="AdviceTexts"/>. Null for none.</summary>
    public string? Advice { get; init; }

    /// <summary>Name of the model: a DNS label.</summary>
    public required string Name { get; init; }

    /// <summary>Version, for example <c>2.0.1</c>.</summary>
    public required string Version { get; init; }

    /// <summary>The folder to make; it must not exist or be empty.</summary>
    public required string Out { get; init; }

    /// <summary>Least share of validation samples on which a variant must answer as the float model does, 0 to 1.</summary>
    public double AgreementMin { get; init; } = 0.9;

    /// <summary>Share of right validation answers that a variant may lose against the float model, 0 to 1.</summary>
    public double AccuracyLossMax { get; init; } = 0.05;

    /// <summary>Packs a variant that disagrees all the same, and marks the package as unproven with the reason.</summary>
    public bool AllowUnproven { get; init; }

    /// <summary>Budgets; null proposes them from what was measured here.</summary>
    public Budgets? Budgets { get; init; }

    /// <summary>What the model must keep to in shadow; null for no limits of its own.</summary>
    public ShadowLimits? Shadow { get; init; }

    /// <summary>Alert rules; null proposes one for each label that does not mean "nothing found".</summary>
    public IReadOnlyList<AlertRule>? Alerts { get; init; }

    /// <summary>Oldest version that boards may go back to; empty for any.</summary>
    public string ReleaseFloor { get; init; } = "";

    /// <summary>The model that taught this one, in words.</summary>
    public string? Teacher { get; init; }
}

/// <summary>How a sample becomes the input tensor, as far as the ONNX file does not say it.</summary>
public sealed record PackInput
{
    /// <summary><c>NCHW</c> or <c>NHWC</c> for images, <c>NCT</c> or <c>NTC</c> for series.</summary>
    public required string Layout { get; init; }

    /// <summary>Width of an image in pixels.</summary>
    public int Width { get; init; }

    /// <summary>Height of an image in pixels.</summary>
    public int Height { get; init; }

    /// <summary><c>RGB</c> or <c>BGR</c>.</summary>
    public string ColourOrder { get; init; } = "RGB";

    /// <summary>Widen the resize filter when shrinking.</summary>
    public bool Antialias { get; init; }

    /// <summary>Columns of a series, in the order of the channels.</summary>
    public IReadOnlyList<string> Columns { get; init; } = [];

    /// <summary>Readings in a window of a series.</summary>
    public int Length { get; init; }

    /// <summary>Factor: one value for all channels or one a channel. See <see cref="PackNumbers"/>.</summary>
    public IReadOnlyList<float> Scale { get; init; } = [1];

    /// <summary>Summand: one value for all channels or one a channel.</summary>
    public IReadOnlyList<float> Offset { get; init; } = [0];
}

/// <summary>How a detector's outputs are read, as far as the ONNX file does not say it. See <see cref="BoxSpec"/>.</summary>
public sealed record PackBoxes
{
    /// <summary><c>NAC</c> or <c>NCA</c>.</summary>
    public required string Layout { get; init; }

    /// <summary><c>xyxy</c>, <c>yxyx</c> or <c>cxcywh</c>.</summary>
    public required string Coordinates { get; init; }

    /// <summary><c>pixels</c> or <c>normalised</c>.</summary>
    public required string Unit { get; init; }

    /// <summary>Candidates, where the file leaves their number open; 0 takes it from the file.</summary>
    public int Candidates { get; init; }

    /// <summary>Output with the boxes; null takes the first.</summary>
    public string? Tensor { get; init; }

    /// <summary>Output with the label scores, when they stand apart.</summary>
    public string? ScoresTensor { get; init; }

    /// <summary>Output with the number of candidates that count.</summary>
    public string? CountTensor { get; init; }

    /// <summary>A score of its own before the label scores.</summary>
    public bool Objectness { get; init; }

    /// <summary>The first score is of the background.</summary>
    public bool Background { get; init; }

    /// <summary>Score below which a candidate is no box.</summary>
    public double ScoreMin { get; init; } = 0.25;

    /// <summary>Overlap above which the weaker box of a label is dropped.</summary>
    public double IouMax { get; init; } = 0.45;

    /// <summary>Most boxes of an image.</summary>
    public int BoxesMax { get; init; } = 100;
}

/// <summary>What an anomaly score is, as far as the ONNX file does not say it. See <see cref="ScoreSpec"/>.</summary>
public sealed record PackScore
{
    /// <summary>One of <see cref="ScoreKind"/>.</summary>
    public required string Kind { get; init; }

    /// <summary><c>above</c> or <c>below</c>.</summary>
    public string Direction { get; init; } = "above";

    /// <summary>Threshold; null takes the one that parts normal from anomaly best on validation.</summary>
    public double? Threshold { get; init; }

    /// <summary>Output with the score or the reconstruction; null takes the first.</summary>
    public string? Tensor { get; init; }
}

/// <summary>How far packing is.</summary>
/// <param name="Done">Steps done.</param>
/// <param name="Total">Steps in all.</param>
/// <param name="What">What is being done, for people.</param>
public sealed record PackProgress(int Done, int Total, string What);
