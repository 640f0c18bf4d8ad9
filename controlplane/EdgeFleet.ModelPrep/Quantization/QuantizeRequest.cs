using EdgeFleet.ModelPrep.Packing;

namespace EdgeFleet.ModelPrep.Quantization;

/// <summary>What <see cref="ModelQuantizer"/> is asked to make. Ranges come from the data's train, choices from validation, and test is read once, at the end.</summary>
public sealed record QuantizeRequest : ModelRequest
{
    /// <summary>The file to write.</summary>
    public required string Out { get; init; }

    /// <summary>What the file is for.</summary>
    public QuantizationTarget Target { get; init; } = QuantizationTarget.Cpu;

    /// <summary>The calibrators that are tried; the best on validation is taken.</summary>
    public IReadOnlyList<Calibrator> Calibrators { get; init; } = [Calibrator.MinMax, Calibrator.Percentile, Calibrator.Entropy, Calibrator.Mse];

    /// <summary>Training samples that ranges are taken from, spread over all of them.</summary>
    public int CalibrationSamples { get; init; } = 200;

    /// <summary>Whether biases are corrected where that helps.</summary>
    public bool CorrectsBias { get; init; } = true;

    /// <summary>Whether weights may be rounded with error feedback where that helps.</summary>
    public bool FeedsBack { get; init; } = true;

    /// <summary>Whether tensors may stay float until the gate passes.</summary>
    public bool Searches { get; init; } = true;

    /// <summary>Whether output channels that never change are taken out.</summary>
    public bool RemovesDeadChannels { get; init; }

    /// <summary>What the int8 form may differ from its float model on validation.</summary>
    public QuantizeGate Gate { get; init; } = new(0.98, 0.005, 0.03);

    /// <summary>Further int8 files, of quantization-aware training or distilled, which are left as they are and compared.</summary>
    public IReadOnlyList<string> Beside { get; init; } = [];

    /// <summary>The model that taught this one, in words; goes into the file's lineage.</summary>
    public string? Teacher { get; init; }

    /// <summary>Writes the file also when the gate does not pass.</summary>
    public bool AllowUnproven { get; init; }
}
