using System.Globalization;
using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Statistics;

namespace EdgeFleet.ModelPrep.Packing;

/// <summary>Gathers how inputs and the float model's answers looked, with the counters that boards use.</summary>
internal sealed class ReferenceBuilder(InputSpec input, OutputSpec output)
{
    private const int Bins = 10;

    // Readings of a series are many; bins need no more than this, evenly taken.
    private const int ValuesPerSampleMax = 512;

    private static readonly double[] ConfidenceEdges = [0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99];

    private readonly List<double>[] _values = [.. Enumerable.Range(0, input.Channels).Select(_ => new List<double>())];
    private readonly long[] _answers = new long[output.Labels.Count];
    private readonly List<double> _watched = []; // Confidence, or the raw anomaly score.
    private readonly (long Answers, long Right)[] _calibration = new (long, long)[ConfidenceEdges.Length + 1];
    private long _samples;

    /// <summary>Folds a sample's input in.</summary>
    public void AddInput(PreparedSample sample)
    {
        _samples++;
        var readings = sample.Features.Length / input.Channels;
        var step = Math.Max(1, readings / ValuesPerSampleMax);
        for (var reading = 0; reading < readings; reading += step)
            for (var channel = 0; channel < input.Channels; channel++) _values[channel].Add(sample.Features[(reading * input.Channels) + channel]);
    }

    /// <summary>Folds a float answer in; those of samples not trained on also tell how often a confidence is right.</summary>
    public void AddAnswer(Answered answered, bool heldOut)
    {
        var answer = answered.Answers[0];
        if (answer.Kept is not { } kept) return;
        _watched.Add(answer.Watched);
        foreach (var box in kept.Boxes) _answers[box.Label]++;
        if (output.Boxes is null) _answers[answer.Label]++;
        if (!heldOut || output is not { Boxes: null, Score: null }) return;
        ref var step = ref _calibration[ConfidenceEdges.Count(e => answer.Confidence > e)];
        step = (step.Answers + 1, step.Right + (answer.Label == answered.Label ? 1 : 0));
    }

    /// <summary>The reference.</summary>
    public Reference Build() => new()
    {
        Samples = _samples,
        Inputs = [.. _values.Select((values, channel) => Feature(NameOf(channel), values))],
        Outputs = _answers,
        Confidence = output.Score is null ? Counted("confidence", ConfidenceEdges, _watched) : Feature("score", _watched),
        Calibration = output is not { Boxes: null, Score: null } ? [] : [.. _calibration.Select((s, i) => new CalibrationStep
        {
            ConfidenceTo = i < ConfidenceEdges.Length ? ConfidenceEdges[i] : 1,
            Answers = s.Answers,
            Right = s.Right,
        })],
    };

    private string NameOf(int channel) => input.Columns?[channel] ?? ((string[])["red", "green", "blue"])[channel];

    // Inner edges at the deciles, so that each bin holds a tenth; equal deciles fall together.
    private static FeatureReference Feature(string name, List<double> values)
    {
        var sorted = values.Order().ToArray();
        var edges = Enumerable.Range(1, Bins - 1).Select(i => Rounded(sorted[sorted.Length * i / Bins])).Distinct().ToList();
        return Counted(name, edges, values);
    }

    private static FeatureReference Counted(string name, IReadOnlyList<double> edges, List<double> values)
    {
        var counter = new FeatureCounter(edges);
        foreach (var value in values) counter.Add(value);
        return new FeatureReference { Name = name, Edges = edges, Counts = counter.Counts, Moments = counter.Moments };
    }

    private static double Rounded(double value) => double.Parse(value.ToString("G6", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
