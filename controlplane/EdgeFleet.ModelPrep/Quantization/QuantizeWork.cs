using EdgeFleet.ModelPrep.Onnx;

namespace EdgeFleet.ModelPrep.Quantization;

/// <summary>What every step of quantizing works with.</summary>
/// <param name="Model">The float model, made ready.</param>
/// <param name="Feed">Inputs of a run.</param>
/// <param name="Calibration">Samples that ranges and biases come from.</param>
/// <param name="Validation">Samples that choices come from.</param>
/// <param name="Scorer">Scores forms beside the float model.</param>
/// <param name="Request">What was asked.</param>
/// <param name="Steps">Told of each step.</param>
/// <param name="Cancel">Ends it.</param>
internal sealed record QuantizeWork(
    ModelProto Model, SampleFeed Feed, SampleSpool Calibration, SampleSpool Validation, AnswerScorer Scorer, QuantizeRequest Request, QuantizeSteps Steps, CancellationToken Cancel)
{
    /// <summary>Whether forms are judged as ONNX Runtime optimizes them, or as they are written.</summary>
    public bool IsOptimized => Request.Target == QuantizationTarget.Cpu;
}

/// <summary>Counts steps for whoever waits.</summary>
internal sealed class QuantizeSteps(IProgress<Packing.PackProgress>? progress)
{
    private int _done;
    private int _total;

    /// <summary>More steps will come.</summary>
    public void Expect(int steps) => _total += steps;

    /// <summary>One is done.</summary>
    public void Next(string what) => progress?.Report(new Packing.PackProgress(Math.Min(++_done, _total), _total, what));
}
