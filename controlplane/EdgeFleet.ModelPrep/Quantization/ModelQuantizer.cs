using EdgeFleet.ModelPrep.Onnx;
using EdgeFleet.ModelPrep.Packing;
using EdgeFleet.Shared.Identity;

namespace EdgeFleet.ModelPrep.Quantization;

/// <summary>
/// Makes an int8 ONNX file of a float one and labelled data: reads, plans, calibrates, chooses on validation, writes, checks what fuses, and reads test once, at the end. Equal
/// input gives equal bytes on one kind of machine. See the README of this folder.
/// </summary>
public static class ModelQuantizer
{
    /// <summary>Quantizes.</summary>
    /// <returns><see cref="QuantizeResult.Written"/>, or <see cref="QuantizeResult.Refused"/> with nothing written.</returns>
    /// <exception cref="QuantizationException">The input cannot be used, or the file cannot be written; nothing was changed.</exception>
    public static QuantizeResult Quantize(QuantizeRequest request, IProgress<PackProgress>? progress = null, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        try
        {
            CheckRequest(request);
            return Run(request, new QuantizeSteps(progress), cancel);
        }
        catch (Exception failed) when (failed is PackException or OnnxFileException)
        {
            throw new QuantizationException(failed.Message, failed);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw new QuantizationException($"Quantizing {request.Float} to {request.Out} failed, and nothing was written: {failed.Message}", failed);
        }
    }

    private static QuantizeResult Run(QuantizeRequest request, QuantizeSteps steps, CancellationToken cancel)
    {
        var (file, bytes) = OnnxFile.ReadWhole(request.Float);
        var name = Path.GetFileName(request.Float);
        FloatModel.Check(file, name);
        StaticQuantizer.CheckIsFloat(file, name);
        var specs = PackSpecs.For(request);
        var data = LabelledData.Open(request.Data, specs.Output.Labels, request.Task);
        ModelPacker.CheckData(data, request.Data, request.Task);

        var reader = new SplitReader(ISampleReader.For(specs.Input));
        // ONNX Runtime sees the file first: from here on its nodes have the inputs that they need.
        using var scorer = new AnswerScorer(specs, bytes, name);
        var model = FloatModel.Prepare(file, name);
        StaticQuantizer.CheckIsQuantizable(model, name);
        using var calibration = TakeCalibration(request, data, reader, specs.Input.Elements, steps, cancel);
        using var validation = Take("val", data, reader, specs.Input.Elements, steps, cancel);
        var floatAnswers = scorer.AnswersOfFloat(validation, cancel);
        if (FloatCheck.Fault(floatAnswers, specs, name) is { } wrong) throw new QuantizationException(wrong);

        var feed = SampleFeed.Of(specs.Input);
        IReadOnlyDictionary<string, int> removed = new Dictionary<string, int>();
        if (request.RemovesDeadChannels) (model, removed) = DeadChannels.Remove(model, feed, calibration, cancel);
        var work = new QuantizeWork(model, feed, calibration, validation, scorer, request, steps, cancel);
        var report = new QuantizeReporter(work, specs, scorer.OfFloat(validation, cancel), bytes).Report(data, reader, out var chosen) with { RemovedChannels = removed };
        if (report.Fault is { } fault && !request.AllowUnproven)
        {
            return new QuantizeResult.Refused(
                $"No int8 form of {name} passes on validation; the best lacks this: {fault}. Train it for int8 (QAT), give more calibration samples, or loosen --agreement, --accuracy-loss or --probability-change.") { Report = report };
        }

        OnnxFile.Write(chosen, request.Out);
        return new QuantizeResult.Written(Path.GetFullPath(request.Out)) { Report = report };
    }

    private static void CheckRequest(QuantizeRequest request)
    {
        var files = request.Beside.Append(request.Float).Select(Path.GetFullPath);
        if (files.Contains(Path.GetFullPath(request.Out))) throw new QuantizationException($"{request.Out} is one of the files that are read. Give --out another name.");
        if (Directory.Exists(request.Out)) throw new QuantizationException($"{request.Out} is a folder. Give --out the name of a file, for example {Path.Combine(request.Out, "model_int8.onnx")}.");
        if (request.Calibrators.Count == 0) throw new QuantizationException("No calibrator is given.");
        if (request.CalibrationSamples is < 1 or > 100_000) throw new QuantizationException($"{request.CalibrationSamples} calibration samples cannot be used; give 1 to 100,000.");
        if (request.Score is { Threshold: null }) throw new QuantizationException("An anomaly score needs its threshold, or nothing tells whether answers are equal. Give --threshold.");
        var gate = request.Gate;
        if (gate.AgreementMin is not (>= 0 and <= 1) || gate.AccuracyLossMax is not (>= 0 and <= 1) || gate.ProbabilityChangeMax is not (>= 0 and <= 1))
            throw new QuantizationException("Agreement, accuracy loss and probability change are shares. Give numbers from 0 to 1.");
    }

    private static SampleSpool TakeCalibration(
        QuantizeRequest request, LabelledData data, SplitReader reader, int elements, QuantizeSteps steps, CancellationToken cancel)
    {
        var split = data.Of("train") is { Count: > 0 } train ? train : data.Of("val");
        var files = CalibrationSamples.Files(split, request.CalibrationSamples);
        steps.Expect(files.Count);
        var samples = CalibrationSamples.Spread(reader.Read(files, cancel), files.Count, request.CalibrationSamples);
        var spool = SampleSpool.Take(Counted(samples, steps, "read calibration samples"), elements, request.CalibrationSamples);
        steps.Expect(2 * spool.Count);
        return spool;
    }

    private static SampleSpool Take(string split, LabelledData data, SplitReader reader, int elements, QuantizeSteps steps, CancellationToken cancel)
    {
        var files = data.Of(split);
        steps.Expect(files.Count);
        return SampleSpool.Take(Counted(reader.Read(files, cancel), steps, $"read {split}"), elements);
    }

    private static IEnumerable<PreparedSample> Counted(IEnumerable<PreparedSample> samples, QuantizeSteps steps, string what)
    {
        foreach (var sample in samples)
        {
            steps.Next(what);
            yield return sample;
        }
    }
}
