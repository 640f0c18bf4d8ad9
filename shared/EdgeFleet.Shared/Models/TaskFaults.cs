namespace EdgeFleet.Shared.Models;

/// <summary>What is wrong with the task of a manifest and with how its outputs are read.</summary>
internal static class TaskFaults
{
    private const int CandidatesMax = 1_000_000;
    private const int ValuesMax = 256;

    /// <summary>Every fault, a sentence each.</summary>
    public static IEnumerable<string> Of(Manifest m)
    {
        var (output, labels) = (m.Output, m.Output.Labels.Count);
        if (!ModelTask.All.Contains(m.Task))
            yield return $"task '{m.Task}' is not known.";
        if ((m.Task == ModelTask.ObjectDetection) != (output.Boxes is not null) || (m.Task == ModelTask.AnomalyScore) != (output.Score is not null))
            yield return $"the output says how boxes or a score are read, and does not fit task '{m.Task}'.";
        if (m.Task is ModelTask.ImageClassification or ModelTask.ObjectDetection && m.Input.Kind != "image" || m.Task == ModelTask.SeriesClassification && m.Input.Kind != "series")
            yield return $"task '{m.Task}' does not take input of kind '{m.Input.Kind}'.";
        if (labels > 10_000 || labels < (output.Boxes is null ? 2 : 1))
            yield return $"it has {labels} labels; {(output.Boxes is null ? 2 : 1)} to 10,000 are allowed.";
        if (output.Activation is not ("softmax" or "sigmoid" or "none"))
            yield return $"activation '{output.Activation}' is not softmax, sigmoid or none.";

        IEnumerable<string> own = [.. output.Boxes is { } boxes ? BoxFaults(boxes, output) : [], .. output.Score is { } score ? ScoreFaults(score, output) : [], .. m.Input.Values.SelectMany(v => ValueFaults(v))];
        foreach (var fault in own)
            yield return fault;

        string?[] inputs = [m.Input.Tensor, .. m.Input.Values.Select(v => v.Tensor)];
        string?[] outputs = [output.Tensor, output.Boxes?.ScoresTensor, output.Boxes?.CountTensor];
        foreach (var twice in inputs.GroupBy(t => t).Concat(outputs.Where(t => t is not null).GroupBy(t => t)).Where(g => g.Count() > 1))
            yield return $"tensor '{twice.Key}' is named twice.";
    }

    private static IEnumerable<string> BoxFaults(BoxSpec boxes, OutputSpec output)
    {
        if (boxes.Layout is not ("NAC" or "NCA"))
            yield return $"box layout '{boxes.Layout}' is not NAC or NCA.";
        if (boxes.Coordinates is not ("xyxy" or "yxyx" or "cxcywh"))
            yield return $"box coordinates '{boxes.Coordinates}' are not xyxy, yxyx or cxcywh.";
        if (boxes.Unit is not ("pixels" or "normalised"))
            yield return $"box unit '{boxes.Unit}' is not pixels or normalised.";
        if (boxes.Candidates is < 1 or > CandidatesMax)
            yield return $"it has {boxes.Candidates} candidate boxes; 1 to {CandidatesMax} are allowed.";
        if (boxes.Objectness && (boxes.Background || output.Activation == "softmax"))
            yield return "a score of objectness goes with neither a background score nor softmax.";
        if (boxes.ScoreMin is not (> 0 and < 1) || boxes.IouMax is not (> 0 and <= 1) || boxes.BoxesMax is < 1 or > 1000)
            yield return FormattableString.Invariant($"least score {boxes.ScoreMin}, most overlap {boxes.IouMax} and most boxes {boxes.BoxesMax} must lie above 0, below 1 (overlap up to 1) and within 1 to 1000.");
    }

    private static IEnumerable<string> ScoreFaults(ScoreSpec score, OutputSpec output)
    {
        if (score.Kind is not (ScoreKind.Scalar or ScoreKind.SquaredError or ScoreKind.AbsoluteError))
            yield return $"score kind '{score.Kind}' is not scalar, squared-error or absolute-error.";
        if (score.Direction is not ("above" or "below"))
            yield return $"score direction '{score.Direction}' is not above or below.";
        if (score.Kind != ScoreKind.Scalar && score.Direction == "below")
            yield return "an error of reconstruction tells an anomaly from above its threshold, not from below.";
        if (!double.IsFinite(score.Threshold) || !(score.ThresholdLow <= score.Threshold && score.Threshold <= score.ThresholdHigh))
            yield return FormattableString.Invariant($"threshold {score.Threshold} does not lie within its bounds {score.ThresholdLow} to {score.ThresholdHigh}.");
        if (!(score.Spread > 0) || !double.IsFinite(score.Spread))
            yield return FormattableString.Invariant($"the spread of normal scores is {score.Spread}; it must be above 0.");
        if (output.Activation != "none" || !output.Labels.SequenceEqual(OutputSpec.ScoreLabels))
            yield return $"a score has the activation none and the labels {string.Join(", ", OutputSpec.ScoreLabels)}.";
    }

    private static IEnumerable<string> ValueFaults(ValuesInput input)
    {
        var count = input.Names.Count;
        if (count is < 1 or > ValuesMax || input.Names.Distinct(StringComparer.OrdinalIgnoreCase).Count() != count)
            yield return $"input '{input.Tensor}' has {count} values; 1 to {ValuesMax} of different names are allowed.";
        if (input.Default.Count != count || input.Scale.Count != count || input.Offset.Count != count)
            yield return $"input '{input.Tensor}' has {input.Default.Count} defaults, {input.Scale.Count} factors and {input.Offset.Count} summands for {count} values.";
        if (!input.Default.Concat(input.Scale).Concat(input.Offset).All(float.IsFinite))
            yield return $"defaults, scale and offset of input '{input.Tensor}' must be finite.";
    }
}
