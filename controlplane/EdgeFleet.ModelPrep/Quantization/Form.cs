using EdgeFleet.ModelPrep.Onnx;

namespace EdgeFleet.ModelPrep.Quantization;

/// <summary>One int8 form of the model: what was chosen for it, its bytes, and its score on validation.</summary>
internal sealed record Form(Calibrator Calibrator, ActivationRanges Ranges, QdqChoices Choices, BiasScope Biases, byte[] Bytes, AnswerScore Score)
{
    /// <summary>Whether weights are rounded with error feedback.</summary>
    public bool IsFedBack => Choices.Factors.Count > 0;

    /// <summary>As the report tells of it.</summary>
    public FormReport Report => new(Calibrator, IsFedBack, Biases, Choices.Float.Count, Score);
}

/// <summary>Makes forms and scores them on validation.</summary>
internal sealed class FormMaker(QuantizeWork work, IReadOnlyDictionary<string, TensorHistogram> histograms)
{
    private readonly Dictionary<Calibrator, ActivationRanges> _ranges = [];
    private readonly List<Form> _made = [];
    private IReadOnlyDictionary<string, WeightFactors>? _factors;

    /// <summary>Every form made so far.</summary>
    public IReadOnlyList<Form> Made => _made;

    /// <summary>The forms of several calibrators, scored together.</summary>
    public IReadOnlyList<Form> Make(IReadOnlyList<Calibrator> calibrators, IReadOnlySet<string> kept, bool isFedBack)
    {
        var factors = isFedBack ? _factors ??= Factors() : new Dictionary<string, WeightFactors>();
        var drafts = calibrators.Select(c => Draft(c, RangesOf(c), new QdqChoices { Target = work.Request.Target, Float = kept, Factors = factors, IsCompact = true }, BiasScope.None)).ToList();
        var scores = work.Scorer.Of([.. drafts.Select(d => d.Bytes)], work.Validation, work.IsOptimized, int.MaxValue, work.Cancel);
        var forms = drafts.Zip(scores, (d, s) => d with { Score = s }).ToList();
        _made.AddRange(forms);
        foreach (var form in forms) work.Steps.Next($"{form.Calibrator} with {form.Choices.Float.Count} float tensors");
        return forms;
    }

    /// <summary>A form with its biases corrected.</summary>
    public Form Correct(Form form, BiasScope scope)
    {
        var shifts = BiasCorrector.Run(scope, work.Model, form.Ranges, form.Choices, work.Feed, work.Calibration, work.Cancel);
        var draft = Draft(form.Calibrator, form.Ranges, form.Choices with { BiasShifts = shifts }, scope);
        return Scored(draft, "corrected biases");
    }

    /// <summary>A corrected form with half of its corrections.</summary>
    public Form Halve(Form corrected)
    {
        var half = corrected.Choices.BiasShifts.ToDictionary(s => s.Key, s => Array.ConvertAll(s.Value, v => v / 2));
        return Scored(Draft(corrected.Calibrator, corrected.Ranges, corrected.Choices with { BiasShifts = half }, BiasScope.Half), "half of the corrections");
    }

    /// <summary>The range of a tensor by a calibrator.</summary>
    public ActivationRanges RangesOf(Calibrator calibrator) =>
        _ranges.TryGetValue(calibrator, out var known) ? known : _ranges[calibrator] = RangeChooser.Choose(histograms, calibrator, work.Request.Target);

    private Form Scored(Form draft, string what)
    {
        var form = draft with { Score = work.Scorer.Of([draft.Bytes], work.Validation, work.IsOptimized, int.MaxValue, work.Cancel)[0] };
        _made.Add(form);
        work.Steps.Next($"{form.Calibrator} with {what}");
        return form;
    }

    private IReadOnlyDictionary<string, WeightFactors> Factors() => WeightFactorCollector.Run(
        work.Model, new QdqPlan(work.Model.Graph, new QdqChoices { Target = work.Request.Target }).Layers, work.Feed, work.Calibration, work.Cancel);

    private Form Draft(Calibrator calibrator, ActivationRanges ranges, QdqChoices choices, BiasScope biases) =>
        new(calibrator, ranges, choices, biases, OnnxFile.Bytes(StaticQuantizer.Quantize(work.Model, ranges, choices)), Score: null!);
}
