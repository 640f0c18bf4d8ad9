namespace EdgeFleet.ModelPrep.Quantization;

/// <summary>How quantizing ended, when its input was usable.</summary>
public abstract record QuantizeResult
{
    private QuantizeResult()
    {
    }

    /// <summary>What was tried, chosen and measured.</summary>
    public required QuantizeReport Report { get; init; }

    /// <summary>The int8 file stands in its place.</summary>
    /// <param name="Path">Where.</param>
    public sealed record Written(string Path) : QuantizeResult;

    /// <summary>Nothing passed the gate, and nothing was written.</summary>
    /// <param name="Reason">What the best form lacks, and what to do.</param>
    public sealed record Refused(string Reason) : QuantizeResult;
}

/// <summary>What was tried, what was chosen, what stayed float, and what that cost.</summary>
public sealed record QuantizeReport
{
    /// <summary>File name of the float model.</summary>
    public required string Source { get; init; }

    /// <summary>SHA-256 of the float model, hexadecimal.</summary>
    public required string SourceDigest { get; init; }

    /// <summary>The data, in words.</summary>
    public required string Data { get; init; }

    /// <summary>What the file is for.</summary>
    public required QuantizationTarget Target { get; init; }

    /// <summary>The model that taught the float model, in words.</summary>
    public string? Teacher { get; init; }

    /// <summary>The float model on validation.</summary>
    public required AnswerScore Float { get; init; }

    /// <summary>Every form that was tried, in order.</summary>
    public required IReadOnlyList<FormReport> Tried { get; init; }

    /// <summary>The form that was chosen.</summary>
    public required FormReport Chosen { get; init; }

    /// <summary>What the chosen form lacks; null when it passes the gate.</summary>
    public string? Fault { get; init; }

    /// <summary>Tensors by what rounding them alone does to the answers, the worst first; empty where no search was needed.</summary>
    public IReadOnlyList<TensorReport> Sensitivity { get; init; } = [];

    /// <summary>Tensors that stay float in the chosen form.</summary>
    public IReadOnlyList<TensorReport> KeptFloat { get; init; } = [];

    /// <summary>Operators that stay float because there is no int8 of them here, with their number.</summary>
    public IReadOnlyDictionary<string, int> FloatOperators { get; init; } = new Dictionary<string, int>();

    /// <summary>Channels that were taken out, by layer.</summary>
    public IReadOnlyDictionary<string, int> RemovedChannels { get; init; } = new Dictionary<string, int>();

    /// <summary>Bytes of the float file.</summary>
    public required long FloatSize { get; init; }

    /// <summary>Bytes of the int8 file.</summary>
    public required long Size { get; init; }

    /// <summary>Which operators became integer in ONNX Runtime's optimized graph; null for another runtime.</summary>
    public FusionReport? Fusion { get; init; }

    /// <summary>Speed beside the float model on this CPU; null for another runtime.</summary>
    public SpeedReport? Speed { get; init; }

    /// <summary>Test, read once: the float model, the int8 form, and the files beside it; empty where there is no test split.</summary>
    public IReadOnlyList<FileScore> Test { get; init; } = [];

    /// <summary>Files that were given to be compared, on validation.</summary>
    public IReadOnlyList<FileScore> Beside { get; init; } = [];

    /// <summary>Files that could not be read, with the reason.</summary>
    public IReadOnlyList<string> Unreadable { get; init; } = [];

    /// <summary>What is worth knowing, one sentence each.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}

/// <summary>One int8 form of a model, and how it answers validation.</summary>
/// <param name="Calibrator">How ranges were taken.</param>
/// <param name="IsFedBack">Whether weights are rounded with error feedback, not to the nearest.</param>
/// <param name="Biases">Which biases are corrected.</param>
/// <param name="FloatTensors">Number of tensors that stay float.</param>
/// <param name="Score">Its score on validation.</param>
public sealed record FormReport(Calibrator Calibrator, bool IsFedBack, BiasScope Biases, int FloatTensors, AnswerScore Score);

/// <summary>One tensor that rounding hurts.</summary>
/// <param name="Name">Its name.</param>
/// <param name="MadeBy">The operator and node that make it.</param>
/// <param name="Min">Least value in calibration.</param>
/// <param name="Max">Greatest value in calibration.</param>
/// <param name="SqnrDb">Signal to rounding noise of the tensor itself, dB.</param>
/// <param name="Divergence">What rounding it alone does to the answers; see <see cref="AnswerScore.Divergence"/>.</param>
public sealed record TensorReport(string Name, string MadeBy, float Min, float Max, double SqnrDb, double Divergence);

/// <summary>A file and its score.</summary>
/// <param name="File">File name.</param>
/// <param name="IsQuantized">Whether it has integers in it.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Score">Its score.</param>
public sealed record FileScore(string File, bool IsQuantized, long Size, AnswerScore Score);

/// <summary>Operators of ONNX Runtime's optimized graph.</summary>
/// <param name="Asked">Layers with weights that were written as int8.</param>
/// <param name="Fused">Those that run on integers.</param>
/// <param name="Integer">Integer operators by name.</param>
/// <param name="FloatLayers">Layers with weights that run in float, by name.</param>
public sealed record FusionReport(int Asked, int Fused, IReadOnlyDictionary<string, int> Integer, IReadOnlyDictionary<string, int> FloatLayers);

/// <summary>Speed of int8 over float, one thread, in interleaved rounds.</summary>
/// <param name="FloatMs">Median of a float run, milliseconds.</param>
/// <param name="Int8Ms">Median of an int8 run, milliseconds.</param>
/// <param name="Ratio">Median over the rounds of float time over int8 time.</param>
/// <param name="RatioMin">Least of the rounds.</param>
/// <param name="RatioMax">Greatest of the rounds.</param>
public sealed record SpeedReport(double FloatMs, double Int8Ms, double Ratio, double RatioMin, double RatioMax);
