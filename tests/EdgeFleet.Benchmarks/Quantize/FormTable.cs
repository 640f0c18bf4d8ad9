using System.Globalization;
using EdgeFleet.ModelPrep.Onnx;
using EdgeFleet.ModelPrep.Packing;
using EdgeFleet.ModelPrep.Quantization;

namespace EdgeFleet.Benchmarks.Quantize;

/// <summary>One row a form: calibrator, rounding, biases; all in int8, and then as the search leaves it.</summary>
internal static class FormTable
{
    private static readonly HashSet<string> None = [];

    public static void Heading() => Console.WriteLine($"  {"model",-9} {"calibrator",-11} {"rounding",-9} {"biases",-6} {"float",5} {"right",6} {"agree",6} {"change",7} {"diverges",9} {"size",6} {"fused",7}");

    public static void Print(string name, PhotoLab lab, CancellationToken cancel)
    {
        var bytes = File.ReadAllBytes(lab.File);
        var model = FloatModel.Prepare(OnnxFile.Read(lab.File), name);
        using var scorer = new AnswerScorer(lab.Specs, bytes, name);
        using var calibration = lab.Take("train", 200, cancel);
        using var validation = lab.Take("val", int.MaxValue, cancel);
        var request = PhotoLab.CoffeeRequest(lab.File, "unused");
        var work = new QuantizeWork(model, SampleFeed.Of(lab.Specs.Input), calibration, validation, scorer, request, new QuantizeSteps(null), cancel);
        IReadOnlyDictionary<string, TensorHistogram> histograms;
        using (var watch = new TensorWatch(model, new QdqPlan(model.Graph).Tensors, work.Feed)) histograms = HistogramCalibrator.Run(watch, calibration, () => { }, cancel);
        var maker = new FormMaker(work, histograms);
        foreach (var isFedBack in new[] { false, true })
        {
            foreach (var form in maker.Make(Enum.GetValues<Calibrator>(), None, isFedBack).ToList())
            {
                Row(name, form, model, bytes.Length);
                Row(name, maker.Correct(form, BiasScope.Head), model, bytes.Length);
                var all = maker.Correct(form, BiasScope.All);
                Row(name, maker.Halve(all), model, bytes.Length);
                Row(name, all, model, bytes.Length);
            }
        }

        var floatScore = scorer.OfFloat(validation, cancel);
        // Whose answers nobody labelled, of 1,000 classes, has no gate to pass.
        if (floatScore.Accuracy is null) return;
        var (best, fault) = new FormSearch(work, new FormMaker(work, histograms), floatScore).Run();
        Row(name, best, model, bytes.Length);
        Console.WriteLine($"  {name,-9} the last is the search's: {fault ?? "passes"}; float model {floatScore.Accuracy?.ToString("P1", CultureInfo.InvariantCulture) ?? "not labelled"}");
    }

    private static void Row(string name, Form form, ModelProto model, long floatSize)
    {
        var fusion = FusionCheck.Of(form.Bytes, new QdqPlan(model.Graph, form.Choices).Layers.Count);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"  {name,-9} {form.Calibrator,-11} {(form.IsFedBack ? "feedback" : "nearest"),-9} {form.Biases,-6} {form.Choices.Float.Count,5} {100 * form.Score.Accuracy,6:0.0} {100 * form.Score.Agreement,6:0.0} {form.Score.ProbabilityChange,7:0.000} {form.Score.Divergence,9:0.00000} {(double)form.Bytes.Length / floatSize,6:0.000} {fusion.Fused,3}/{fusion.Asked,-3}"));
    }
}
