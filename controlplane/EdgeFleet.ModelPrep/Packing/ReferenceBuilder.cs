using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Statistics;

namespace EdgeFleet.ModelPrep.Packing;

/// <summary>Gathers how inputs and the float model's answers looked, with the counters that boards use.</summary>
internal sealed class ReferenceBuilder(InputSpec input, OutputSpec output)
{
    private const int Bins = 16;

    // Readings of a series are many; bins need no more than this, evenly taken.
    private const int ValuesPerSampleMax = 512;

    private readonly IReadOnlyList<string> _names = NamesOf(input);
    private readonly List<double>[] _values = [.. NamesOf(input).Select(_ => new List<double>())];
    private readonly List<double> _watched = []; // Confidence, or the raw anomaly score.
    private readonly List<double> _entropies = [];
    private readonly long[] _answers = new long[output.Labels.Count];
    private long _samples;

    // Of boxes and scores nobody said which are right.
    private bool IsClassifier => output is { Boxes: null, Score: null };

    /// <summary>Folds a sample's input in.</summary>
    public void AddInput(PreparedSample sample)
    {
        _samples++;
        var width = input.Kind == "image" ? ImageFeatures.Count : input.Channels;
        var readings = sample.Features.Length / width;
        var step = Math.Max(1, readings / ValuesPerSampleMax);
        for (var reading = 0; reading < readings; reading += step)
            for (var i = 0; i < _names.Count; i++) _values[i].Add(sample.Features[(reading * width) + PlaceOf(i)]);
    }

    /// <summary>Folds a float answer in.</summary>
    public void AddAnswer(Answered answered)
    {
        var answer = answered.Answers[0];
        if (answer.Kept is not { } kept) return;
        _watched.Add(answer.Watched);
        if (IsClassifier) _entropies.Add(answer.Entropy);
        foreach (var box in kept.Boxes) _answers[box.Label]++;
        if (output.Boxes is null) _answers[answer.Label]++;
    }

    /// <summary>The reference.</summary>
    /// <param name="validation">Answers on data that no model was trained on: they tell how often a confidence is right.</param>
    /// <param name="variants">Name of each variant and its place among the models that were asked.</param>
    public Reference Build(IReadOnlyList<Answered> validation, IEnumerable<(string Name, int Model)> variants) => new()
    {
        Samples = _samples,
        Inputs = [.. _names.Select((name, i) => Feature(name, _values[i]))],
        Outputs = _answers,
        Confidence = Feature(output.Score is null ? "confidence" : "score", _watched),
        Entropy = IsClassifier ? Feature("entropy", _entropies) : null,
        Calibration = IsClassifier ? Calibration.Fit(Judged(validation, 0)) : [],
        Variants = !IsClassifier ? [] : [.. variants.Select(v => new VariantCalibration
        {
            Variant = v.Name,
            Steps = Calibration.Fit(Judged(validation, v.Model)),
            Threshold = Calibration.Threshold(Judged(validation, v.Model)),
        })],
    };

    private static IReadOnlyList<string> NamesOf(InputSpec input) =>
        input.Kind == "image" ? [.. ImageFeatures.All.Where(f => !f.IsOfStream).Select(f => f.Name)] : input.Columns!;

    private int PlaceOf(int feature) => input.Kind == "image" ? ImageFeatures.IndexOf(_names[feature]) : feature;

    private static IEnumerable<(double Confidence, bool IsRight)> Judged(IReadOnlyList<Answered> validation, int model) =>
        validation.Where(a => a.Answers[model].Kept is not null).Select(a => ((double)a.Answers[model].Confidence, a.Answers[model].Label == a.Label));

    // Inner edges at equal shares, so that each bin holds as many; equal ones fall together.
    private static FeatureReference Feature(string name, List<double> values)
    {
        var edges = values.Count == 0 ? [] : DriftBins.OfShares(values, Bins);
        var counter = new FeatureCounter(edges);
        foreach (var value in values) counter.Add(value);
        return new FeatureReference { Name = name, Edges = edges, Counts = counter.Counts, Moments = counter.Moments };
    }
}
