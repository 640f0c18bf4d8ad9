using EdgeFleet.ModelPrep.Onnx;
using EdgeFleet.ModelPrep.Quantization;
using EdgeFleet.Samples.Exact;
using EdgeFleet.Samples.Vibration;
using static EdgeFleet.ModelPrep.Onnx.TensorProto.Types;

namespace EdgeFleet.Samples.Training;

/// <summary>
/// The sample bearing classifier: input [N,1,2048] acceleration in g at 4 kHz, brought to unit RMS, band-passed and rectified to an envelope,
/// then a bank of tones from 20 to 204 Hz and the mean level of each, a ridge head. Output [N,4] logits.
/// </summary>
internal static class BearingRecipe
{
    private const int EnvelopeStep = 8;
    private const int Tones = 24;
    private const double ToneFirstHz = 20, ToneStepHz = 8;
    private const int ToneLength = 96;
    private const int BandLength = 63;
    private const int Bands = 2;
    private const float RmsFloor = 1e-6f;

    /// <summary>Trains on the simulated recordings of a seed; the same seed gives the same bytes on every machine.</summary>
    public static TrainedModel Train(ulong seed = VibrationSet.DefaultSeed)
    {
        var recordings = new VibrationSet(seed);
        ConvWeights bands = BandPass(), tones = ToneBank();
        var ranges = new ActivationRanges();
        var train = recordings.Windows("train").Select(w => (Features(w.Window, bands, tones, ranges), w.Class)).ToList();
        var head = RidgeHead.Fit(train, Split(recordings, "val", bands, tones), VibrationSet.Labels.Count);
        foreach (var (features, _) in train) ranges.Observe("logits", head.Logits(features));

        var accuracy = TrainedModel.Accuracy(head, Split(recordings, "test", bands, tones));
        return TrainedModel.Of("sample_bearing", Build(bands, tones, head), ranges, accuracy);
    }

    private static List<(float[] Features, int Class)> Split(VibrationSet recordings, string split, ConvWeights bands, ConvWeights tones) =>
        [.. recordings.Windows(split).Select(w => (Features(w.Window, bands, tones, ranges: null), w.Class))];

    private static float[] Features(float[] window, ConvWeights bands, ConvWeights tones, ActivationRanges? ranges)
    {
        var rms = (float)Math.Sqrt(window.Average(v => (double)v * v)) + RmsFloor;
        var level = new Plane(Array.ConvertAll(window, v => v / rms), 1, 1, window.Length);
        var rectified = ScalarLayers.ConvRelu(level, bands);
        var envelope = ScalarLayers.AveragePool(rectified, 1, EnvelopeStep);
        var tonal = ScalarLayers.ConvRelu(envelope, tones);
        var features = ScalarLayers.AveragePool(tonal, 1, tonal.Width).Values;
        ranges?.Observe("level", level.Values);
        ranges?.Observe("rectified", rectified.Values);
        ranges?.Observe("envelope", envelope.Values);
        ranges?.Observe("tonal", tonal.Values);
        ranges?.Observe("mean", features);
        return features;
    }

    // Each band twice, with both signs, so that two ReLUs rectify it fully: 850 to 1,450 Hz is the resonance, 200 to 800 Hz the rest.
    private static ConvWeights BandPass()
    {
        (double CentreHz, double HalfWidthHz)[] bands = [(1150, 300), (500, 300)];
        var weights = new List<float>();
        foreach (var (centre, half) in bands)
        {
            var taps = Enumerable.Range(0, BandLength).Select(i => BandTap(i - (BandLength / 2), centre, half)).ToArray();
            weights.AddRange(taps.Select(t => (float)t));
            weights.AddRange(taps.Select(t => (float)-t));
        }

        return new ConvWeights([.. weights], new float[2 * Bands], InputsPerGroup: 1, Height: 1, BandLength, Stride: 1, Groups: 1);
    }

    private static double BandTap(int offset, double centreHz, double halfWidthHz)
    {
        var cutoff = halfWidthHz / VibrationSimulator.SampleRateHz;
        var low = offset == 0 ? 2 * cutoff : ExactMath.SineOfTurns(cutoff * offset) / (Math.PI * offset);
        return 2 * low * Hann(offset + (BandLength / 2), BandLength) * ExactMath.CosineOfTurns(centreHz * offset / VibrationSimulator.SampleRateHz);
    }

    // Every tone listens to each band by itself; both signs of a band carry the same weight.
    private static ConvWeights ToneBank()
    {
        var rate = (double)VibrationSimulator.SampleRateHz / EnvelopeStep;
        var weights = new List<float>();
        for (var band = 0; band < Bands; band++)
        {
            for (var tone = 0; tone < Tones; tone++)
            {
                var hz = ToneFirstHz + (tone * ToneStepHz);
                var taps = Enumerable.Range(0, ToneLength).Select(i => Hann(i, ToneLength) * ExactMath.CosineOfTurns(hz * i / rate)).ToArray();
                var mean = taps.Sum() / Enumerable.Range(0, ToneLength).Sum(i => Hann(i, ToneLength));
                var pure = taps.Select((t, i) => (float)((t - (mean * Hann(i, ToneLength))) / ToneLength)).ToArray();
                weights.AddRange(pure);
                weights.AddRange(pure);
            }
        }

        return new ConvWeights([.. weights], new float[Bands * Tones], InputsPerGroup: 2, Height: 1, ToneLength, Stride: 1, Groups: Bands);
    }

    private static double Hann(int i, int length) => 0.5 - (0.5 * ExactMath.CosineOfTurns((i + 0.5) / length));

    private static ModelProto Build(ConvWeights bands, ConvWeights tones, RidgeHead head) => new GraphBuilder("sample_bearing")
        .Input("input", DataType.Float, -1, 1, VibrationSet.WindowSize)
        .Constant(Tensors.Floats("rms_floor", [RmsFloor]))
        .Constant(Tensors.Floats("bands", bands.Weights, 2 * Bands, 1, BandLength))
        .Constant(Tensors.Floats("bands_bias", bands.Bias, 2 * Bands))
        .Constant(Tensors.Floats("tones", tones.Weights, Bands * Tones, 2, ToneLength))
        .Constant(Tensors.Floats("tones_bias", tones.Bias, Bands * Tones))
        .Constant(Tensors.Floats("head", head.Weights, Bands * Tones, head.Bias.Length))
        .Constant(Tensors.Floats("head_bias", head.Bias, head.Bias.Length))
        .Node("Mul", ["input", "input"], "square")
        .Node("ReduceMean", ["square"], "mean_square", Attributes.Of("axes", [2]), Attributes.Of("keepdims", 1L))
        .Node("Sqrt", ["mean_square"], "root")
        .Node("Add", ["root", "rms_floor"], "rms")
        .Node("Div", ["input", "rms"], "level")
        .Node("Conv", ["level", "bands", "bands_bias"], "banded")
        .Node("Relu", ["banded"], "rectified")
        .Node("AveragePool", ["rectified"], "envelope", Attributes.Of("kernel_shape", [EnvelopeStep]), Attributes.Of("strides", [EnvelopeStep]))
        .Node("Conv", ["envelope", "tones", "tones_bias"], "tuned", Attributes.Of("group", (long)Bands))
        .Node("Relu", ["tuned"], "tonal")
        .Node("GlobalAveragePool", ["tonal"], "mean")
        .Node("Flatten", ["mean"], "features")
        .Node("Gemm", ["features", "head", "head_bias"], "logits")
        .Output("logits", DataType.Float, -1, head.Bias.Length)
        .Model(TrainedModel.Opset, TrainedModel.Producer, "EdgeFleet sample: classifies simulated bearing vibration, not recordings.");
}
