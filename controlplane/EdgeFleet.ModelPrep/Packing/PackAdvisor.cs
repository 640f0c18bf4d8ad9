namespace EdgeFleet.ModelPrep.Packing;

/// <summary>What a model engineer should know of a package that was made all the same; one sentence each. Pure.</summary>
internal static class PackAdvisor
{
    // Less than this is no gain that a board would notice, and other boards may lose.
    private const double GainMin = 1.05;

    /// <summary>What is worth knowing.</summary>
    public static IReadOnlyList<string> Warnings(LabelledData data, PackModels models, PackMeasurement measured)
    {
        var warnings = new List<string>();
        if (data.Of("train").Count == 0) warnings.Add("There is no train split: the reference is of validation only.");
        if (data.Of("test").Count == 0) warnings.Add("There is no test split: the report has validation only.");
        if (measured.Report.Float["val"] is { IsLabelled: false }) warnings.Add("Nobody has said what is in the validation images: only the agreement with the float model was measured.");
        if (measured.Report.Unreadable is { Count: > 0 } unread) warnings.Add($"{unread.Count} file(s) could not be read and were left out: {string.Join(" ", unread)}");
        foreach (var (model, _) in models.Variants.Where(v => v.Model.MadeOf is { } source && source != models.All[0].Digest.Value))
            warnings.Add($"{model.Judged.File} says that it was quantized of another float file ({model.MadeOf![..Math.Min(12, model.MadeOf!.Length)]}...) than {models.Names[0]} ({models.All[0].Digest.Short}...).");
        if (measured.Advice is { } advice) warnings.AddRange(AdviceReader.Gaps(advice));
        if (Speed(measured.Latency, models.Names[0]) is { } speed) warnings.Add(speed);
        return warnings;
    }

    /// <summary>Recommends the float variant where the fastest int8 one is not faster; null where it is, or there is none.</summary>
    internal static string? Speed(IReadOnlyList<LatencyFigures> latency, string floatFile)
    {
        var int8 = latency.Where(l => l.Variant.StartsWith("cpu-int8", StringComparison.Ordinal)).MaxBy(l => l.Ratio);
        if (int8 is null || int8.Ratio >= GainMin) return null;
        var isThere = latency.Any(l => l.Variant.StartsWith("cpu-fp32", StringComparison.Ordinal));
        return FormattableString.Invariant($"{int8.Variant} is not faster than the float model here ({int8.Ratio:0.00} times, {int8.RatioLow:0.00} to {int8.RatioHigh:0.00}), and on a CPU without dot products (Cortex-A72, A53, A57) int8 is slower still. The float variant is recommended where flash and memory allow it: ")
            + (isThere ? "let such boards prefer it by Inference:Variants [\"cpu-fp32\", \"cpu-int8\"]." : $"pack it too, by --onnx {floatFile}, and let such boards prefer it by Inference:Variants [\"cpu-fp32\", \"cpu-int8\"].");
    }
}
