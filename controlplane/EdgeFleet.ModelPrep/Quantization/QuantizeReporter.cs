using EdgeFleet.ModelPrep.Onnx;
using EdgeFleet.ModelPrep.Packing;
using EdgeFleet.Shared.Identity;

namespace EdgeFleet.ModelPrep.Quantization;

/// <summary>Runs the search and tells what came of it.</summary>
internal sealed class QuantizeReporter(QuantizeWork work, PackSpecs specs, AnswerScore floatScore, byte[] floatBytes)
{
    /// <summary>Calibrates, chooses, checks and reports; <paramref name="chosen"/> is the model to write.</summary>
    public QuantizeReport Report(LabelledData data, SplitReader reader, out ModelProto chosen)
    {
        var observed = new QdqPlan(work.Model.Graph, new QdqChoices { Target = work.Request.Target });
        IReadOnlyDictionary<string, TensorHistogram> histograms;
        using (var watch = new TensorWatch(work.Model, observed.Tensors.Order(StringComparer.Ordinal), work.Feed))
            histograms = HistogramCalibrator.Run(watch, work.Calibration, () => work.Steps.Next("calibrate"), work.Cancel);

        var maker = new FormMaker(work, histograms);
        var search = new FormSearch(work, maker, floatScore);
        var (form, fault) = search.Run();
        var plan = new QdqPlan(work.Model.Graph, form.Choices);
        chosen = WithLineage(OnnxFile.Parse(form.Bytes, work.Request.Out), data, form);
        var bytes = OnnxFile.Bytes(chosen);
        var isCpu = work.Request.Target == QuantizationTarget.Cpu;
        var sensitivity = search.Ranking.Select(r => Tensor(r, observed, histograms, form)).ToList();
        return new QuantizeReport
        {
            Source = Path.GetFileName(work.Request.Float),
            SourceDigest = Sha256Digest.Of(floatBytes).Value,
            Data = data.Describe(),
            Target = work.Request.Target,
            Teacher = work.Request.Teacher,
            Float = floatScore,
            Tried = [.. maker.Made.Select(f => f.Report)],
            Chosen = form.Report,
            Fault = fault,
            Sensitivity = sensitivity,
            KeptFloat = [.. sensitivity.Where(t => form.Choices.Float.Contains(t.Name))],
            FloatOperators = FloatOperators(observed),
            FloatSize = floatBytes.Length,
            Size = bytes.Length,
            Fusion = isCpu ? FusionCheck.Of(bytes, plan.Layers.Count) : null,
            Speed = isCpu ? Speed(bytes) : null,
            Beside = Beside(work.Validation),
            Test = Test(data, reader, bytes),
            Unreadable = [.. reader.Unreadable],
            Notes = Notes(data),
        };
    }

    private ModelProto WithLineage(ModelProto model, LabelledData data, Form form)
    {
        void Set(string key, string value) => model.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = value });

        foreach (var old in model.MetadataProps.Where(p => p.Key.StartsWith(QuantizedLineage.Prefix, StringComparison.Ordinal)).ToList()) model.MetadataProps.Remove(old);
        Set(QuantizedLineage.Source, Sha256Digest.Of(floatBytes).Value);
        Set(QuantizedLineage.Data, data.Describe());
        Set(QuantizedLineage.Form, $"{form.Calibrator}{(form.IsFedBack ? ", error feedback" : "")}{(form.Biases == BiasScope.None ? "" : $", biases corrected: {form.Biases}")}, {work.Calibration.Count} samples, {form.Choices.Float.Count} tensors in float");
        if (work.Request.Teacher is { } teacher) Set(QuantizedLineage.Teacher, teacher);
        return model;
    }

    private TensorReport Tensor(RankedTensor ranked, QdqPlan plan, IReadOnlyDictionary<string, TensorHistogram> histograms, Form form)
    {
        var histogram = histograms[ranked.Name];
        form.Ranges.TryGet(ranked.Name, out var range);
        var maker = plan.Index.Producer(ranked.Name) is { } node ? $"{node.OpType} {(node.Name.Length > 0 ? node.Name : node.Output[0])}" : "the input";
        var sqnr = Math.Round(RangeChooser.SqnrDb(histogram, range, work.Request.Target), 1);
        return new TensorReport(ranked.Name, maker, histogram.Range.Min, histogram.Range.Max, sqnr, ranked.Divergence);
    }

    // Shapes and constants are not counted: they have no float values to speak of.
    private SortedDictionary<string, int> FloatOperators(QdqPlan plan) => new(
        work.Model.Graph.Node.Where(n => !plan.Runs(n) && !plan.IsAbsorbed(n) && n.OpType is not ("Constant" or "Shape" or "Cast" or "ConstantOfShape"))
            .GroupBy(n => n.OpType).ToDictionary(g => g.Key, g => g.Count()), StringComparer.Ordinal);

    private SpeedReport Speed(byte[] bytes)
    {
        using var int8 = work.Scorer.Load(bytes, "the int8 model", isOptimized: true);
        return SpeedCheck.Of(work.Scorer.Float, int8, work.Validation.Read(1).First().Tensor, work.Cancel);
    }

    private List<FileScore> Beside(SampleSpool samples)
    {
        var files = work.Request.Beside.Select(f => (Name: Path.GetFileName(f), Whole: OnnxFile.ReadWhole(f))).ToList();
        var scores = work.Scorer.Of([.. files.Select(f => f.Whole.Bytes)], samples, isOptimized: true, int.MaxValue, work.Cancel);
        return [.. files.Zip(scores, (f, s) => new FileScore(f.Name, FloatModel.IsQuantized(f.Whole.Model), f.Whole.Bytes.Length, s))];
    }

    private List<FileScore> Test(LabelledData data, SplitReader reader, byte[] bytes)
    {
        var files = data.Of("test");
        if (files.Count == 0) return [];
        using var samples = SampleSpool.Take(reader.Read(files, work.Cancel), specs.Input.Elements);
        var ours = work.Scorer.Of([bytes], samples, work.IsOptimized, int.MaxValue, work.Cancel)[0];
        return
        [
            new FileScore(Path.GetFileName(work.Request.Float), false, floatBytes.Length, work.Scorer.OfFloat(samples, work.Cancel)),
            new FileScore(Path.GetFileName(work.Request.Out), true, bytes.Length, ours),
            .. Beside(samples),
        ];
    }

    private List<string> Notes(LabelledData data)
    {
        var notes = new List<string>();
        if (data.Of("train").Count == 0) notes.Add("There is no train split: ranges come from validation, which also judges them.");
        if (data.Of("test").Count == 0) notes.Add("There is no test split: only validation was measured, on which the form was chosen.");
        if (work.Calibration.Count < 50) notes.Add($"Only {work.Calibration.Count} calibration samples: ranges may be too narrow.");
        if (work.Request.Target == QuantizationTarget.TensorRt) notes.Add("The file keeps float weights behind Q and DQ, which TensorRT folds when it builds its engine: it is not smaller than the float file. It was judged as written, on this CPU.");
        return notes;
    }
}

/// <summary>Keys under which an int8 file says what it was made of.</summary>
internal static class QuantizedLineage
{
    /// <summary>What all begin with.</summary>
    public const string Prefix = "edgefleet.quantize.";

    /// <summary>SHA-256 of the float model.</summary>
    public const string Source = Prefix + "source";

    /// <summary>The data, in words.</summary>
    public const string Data = Prefix + "data";

    /// <summary>What was chosen, in words.</summary>
    public const string Form = Prefix + "form";

    /// <summary>The model that taught the float model.</summary>
    public const string Teacher = Prefix + "teacher";
}
