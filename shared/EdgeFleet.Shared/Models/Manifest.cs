using System.Text.Json.Serialization;
using EdgeFleet.Shared.Identity;

namespace EdgeFleet.Shared.Models;

/// <summary>One model version as published. The package's identity is the SHA-256 of this file, which names all others by theirs.</summary>
public sealed record Manifest
{
    /// <summary>The format version this code writes and reads.</summary>
    public const int KnownFormat = 1;

    /// <summary>Format version of the file.</summary>
    public int Format { get; set; } = KnownFormat;

    /// <summary>Name of the model: a DNS label.</summary>
    public required string Name { get; init; }

    /// <summary>Version.</summary>
    public required string Version { get; init; }

    /// <summary>One of <see cref="ModelTask"/>.</summary>
    public required string Task { get; init; }

    /// <summary>Where the model comes from.</summary>
    public required Lineage Lineage { get; init; }

    /// <summary>How a sample becomes the input tensor.</summary>
    public required InputSpec Input { get; init; }

    /// <summary>How the output tensor becomes an answer.</summary>
    public required OutputSpec Output { get; init; }

    /// <summary>When the board raises an alert.</summary>
    public IReadOnlyList<AlertRule> Alerts { get; set; } = [];

    /// <summary>What the model may cost on a board.</summary>
    public required Budgets Budgets { get; init; }

    /// <summary>What the model must keep to where a rollout or a board lets it run in shadow first; null for no limits of its own.</summary>
    public ShadowLimits? Shadow { get; init; }

    /// <summary>Oldest agent that understands this package.</summary>
    public string MinimumAgent { get; set; } = "0.1.0";

    /// <summary>Oldest version that a return may go to; empty for any.</summary>
    public string ReleaseFloor { get; set; } = "";

    /// <summary>One ONNX file for each kind of hardware.</summary>
    public required IReadOnlyList<Variant> Variants { get; init; }

    /// <summary><c>labels.txt</c>.</summary>
    public required FileRef Labels { get; init; }

    /// <summary><c>golden/golden.json</c>, a <see cref="GoldenSet"/>.</summary>
    public required FileRef Golden { get; init; }

    /// <summary><c>reference.json</c>, a <see cref="Models.Reference"/>.</summary>
    public required FileRef Reference { get; init; }

    /// <summary><c>report.json</c>, a <see cref="PackageReport"/>.</summary>
    public required FileRef Report { get; init; }

    /// <summary>Every file that a board needs besides the variants: labels, golden set with its tensors, reference.</summary>
    public required IReadOnlyList<FileRef> Files { get; init; }

    /// <summary><c>advice.json</c>, an <see cref="AdviceTexts"/>: names of labels and what to do, by language; null when nobody wrote any. Boards do not need it.</summary>
    public FileRef? Advice { get; init; }

    /// <summary>Every file of the package but the manifest itself.</summary>
    [JsonIgnore]
    public IEnumerable<FileRef> AllFiles => Variants.Select(v => v.File).Concat(Files).Append(Report).Concat(Advice is null ? [] : [Advice]);

    /// <summary>Why this package is only for boards tagged <c>lab</c>; null when its variants agree with their float model.</summary>
    public string? Unproven { get; init; }
}

/// <summary>The tasks that the agent knows.</summary>
public static class ModelTask
{
    /// <summary>One label for an image.</summary>
    public const string ImageClassification = "image-classification";

    /// <summary>One label for a window of sensor readings.</summary>
    public const string SeriesClassification = "series-classification";

    /// <summary>Boxes with labels in an image.</summary>
    public const string ObjectDetection = "object-detection";

    /// <summary>How unlike normal an image or a window of sensor readings is.</summary>
    public const string AnomalyScore = "anomaly-score";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [ImageClassification, SeriesClassification, ObjectDetection, AnomalyScore];
}

/// <summary>Where a model comes from.</summary>
public sealed record Lineage
{
    /// <summary>File name of the float model.</summary>
    public required string Source { get; init; }

    /// <summary>SHA-256 of the float model.</summary>
    public required Sha256Digest SourceDigest { get; init; }

    /// <summary>The labelled data, in words: folder name and counts by split.</summary>
    public required string Data { get; init; }

    /// <summary>SHA-256 over the sorted file digests and labels of the data.</summary>
    public required Sha256Digest DataDigest { get; init; }

    /// <summary>Tools and versions that made the package.</summary>
    public required string Tools { get; init; }

    /// <summary>Model that taught this one, if one did.</summary>
    public string? Teacher { get; init; }
}

/// <summary>How a sample becomes the input tensor. Pixels are 0..255; <c>value * scale[c] + offset[c]</c>.</summary>
public sealed record InputSpec
{
    /// <summary><c>image</c> or <c>series</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Name of the model's input.</summary>
    public required string Tensor { get; init; }

    /// <summary><c>NCHW</c> or <c>NHWC</c> for images; <c>NCT</c> (channels, time) or <c>NTC</c> for series.</summary>
    public required string Layout { get; init; }

    /// <summary>Width of an image in pixels; 0 for series.</summary>
    public int Width { get; init; }

    /// <summary>Height of an image in pixels; 0 for series.</summary>
    public int Height { get; init; }

    /// <summary><c>RGB</c> or <c>BGR</c> for images.</summary>
    public string? ColourOrder { get; init; }

    /// <summary>How an image is resized.</summary>
    public ResizeSpec? Resize { get; init; }

    /// <summary>Columns of a series, in the order of the channels.</summary>
    public IReadOnlyList<string>? Columns { get; init; }

    /// <summary>Readings in a window; 0 for images.</summary>
    public int Length { get; init; }

    /// <summary>Factor by channel.</summary>
    public required IReadOnlyList<float> Scale { get; init; }

    /// <summary>Summand by channel.</summary>
    public required IReadOnlyList<float> Offset { get; init; }

    /// <summary>Further inputs of the model beside the sample's: named values of the place it serves, the same for every sample.</summary>
    public IReadOnlyList<ValuesInput> Values { get; set; } = [];

    /// <summary>Channels: 3 for colour images, columns for series.</summary>
    public int Channels => Columns?.Count ?? 3;

    /// <summary>Values of one sample's tensor.</summary>
    public int Elements => Kind == "series" ? Channels * Length : Channels * Width * Height;

    /// <summary>Shape of one sample's tensor, the batch first.</summary>
    [JsonIgnore]
    public long[] Shape => Layout switch
    {
        "NCHW" => [1, Channels, Height, Width],
        "NHWC" => [1, Height, Width, Channels],
        "NCT" => [1, Channels, Length],
        _ => [1, Length, Channels],
    };
}

/// <summary>A further input of the model: named values of the place it serves, such as an altitude or a machine's speed, as <c>value * scale[i] + offset[i]</c>. Shape <c>[N, values]</c>.</summary>
public sealed record ValuesInput
{
    /// <summary>Name of the model's input.</summary>
    public required string Tensor { get; init; }

    /// <summary>Names of the values, in the order of the tensor; a board's configuration gives them by these.</summary>
    public required IReadOnlyList<string> Names { get; init; }

    /// <summary>Values where a board says nothing. The golden set was answered with these.</summary>
    public required IReadOnlyList<float> Default { get; init; }

    /// <summary>Factor by value.</summary>
    public required IReadOnlyList<float> Scale { get; init; }

    /// <summary>Summand by value.</summary>
    public required IReadOnlyList<float> Offset { get; init; }
}

/// <summary>Exact resize. Half-pixel centres; with <see cref="Antialias"/> the triangle widens when shrinking, as Pillow does.</summary>
public sealed record ResizeSpec
{
    /// <summary><c>bilinear</c>.</summary>
    public string Method { get; set; } = "bilinear";

    /// <summary>Widen the filter when shrinking.</summary>
    public bool Antialias { get; init; }
}

/// <summary>When the board raises an alert: k of the last n samples show the label with at least the confidence; it ends when for m samples none does.</summary>
public sealed record AlertRule
{
    /// <summary>Stable name.</summary>
    public required string Id { get; init; }

    /// <summary>Label that is a finding.</summary>
    public required string Label { get; init; }

    /// <summary><c>critical</c>, <c>warning</c> or <c>info</c>.</summary>
    public string Severity { get; set; } = "warning";

    /// <summary>Samples that must show it.</summary>
    public int Seen { get; set; } = 3;

    /// <summary>Samples looked at.</summary>
    public int Of { get; set; } = 5;

    /// <summary>Samples in a row without it that end the alert.</summary>
    public int ClearAfter { get; set; } = 20;

    /// <summary>Least area of a box that counts, as a share of the image; for object detection alone.</summary>
    public double AreaMin { get; set; }

    /// <summary>An answer below this no longer counts as seen for an alert that is raised; hysteresis below <see cref="OutputSpec.ConfidenceMin"/>.</summary>
    public double ConfidenceClear { get; set; } = 0.4;
}

/// <summary>What the model may cost on a board.</summary>
public sealed record Budgets
{
    /// <summary>95th percentile of a run in milliseconds.</summary>
    public required double P95LatencyMs { get; init; }

    /// <summary>Memory of the rehearsal above an empty process, in MB.</summary>
    public required int MemoryMb { get; init; }

    /// <summary>Energy per inference in millijoule; null where it was not measured.</summary>
    public double? EnergyMj { get; init; }
}

/// <summary>One ONNX file of a package for one kind of hardware.</summary>
public sealed record Variant
{
    /// <summary>For example <c>cpu-int8</c>, <c>cpu-fp32</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The ONNX file.</summary>
    public required FileRef File { get; init; }

    /// <summary>Execution provider: <c>cpu</c> or <c>tensorrt</c>.</summary>
    public string Provider { get; set; } = "cpu";

    /// <summary>Opset of the file.</summary>
    public int Opset { get; init; }

    /// <summary>CPU features it needs, as in /proc/cpuinfo; empty for none.</summary>
    public IReadOnlyList<string> CpuFeatures { get; set; } = [];
}
