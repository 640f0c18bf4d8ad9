using EdgeFleet.Agent.Inference;
using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Models.Answers;
using EdgeFleet.Shared.Statistics;

namespace EdgeFleet.Agent.Monitoring;

/// <summary>
/// Features that are watched together, and how a result gives their values. Inputs do not depend on the model as long as it takes the same input, so that their baseline
/// outlives an update; answers do.
/// </summary>
internal abstract class DriftFamily(string key, IReadOnlyList<(string Name, double Floor)> features)
{
    /// <summary>A baseline holds for one key; under another it is learned anew.</summary>
    public string Key => key;

    /// <summary>Names and least spreads.</summary>
    public IReadOnlyList<(string Name, double Floor)> Features => features;

    /// <summary>Values of a result, one a feature.</summary>
    public abstract void Read(in SampleResult result, Span<double> values);

    /// <summary>The family of inputs.</summary>
    public static DriftFamily OfInputs(InputSpec input) => input.Kind == "image" ? new Images(input) : new Series(input);

    /// <summary>The family of answers.</summary>
    public static DriftFamily OfAnswers(LoadedModel model) => new Answers(model);

    private sealed class Images(InputSpec input) : DriftFamily(
        $"image {input.Width}x{input.Height}{(input.Resize is { Antialias: true } ? " antialias" : "")}", [.. ImageFeatures.All.Select(f => (f.Name, f.Floor))])
    {
        public override void Read(in SampleResult result, Span<double> values)
        {
            values.Fill(double.NaN);
            result.Features[..Math.Min(values.Length, result.Features.Length)].CopyTo(values);
        }
    }

    /// <summary>Mean and deviation of each column over the window of readings.</summary>
    private sealed class Series(InputSpec input) : DriftFamily(
        $"series {input.Length} {string.Join(',', input.Columns!)}", [.. input.Columns!.SelectMany(c => new[] { ($"{c}.mean", 1e-6), ($"{c}.deviation", 1e-6) })])
    {
        public override void Read(in SampleResult result, Span<double> values) => SeriesFeatures.Read(result.Sample.Window, values);
    }

    /// <summary>
    /// What is watched of an answer (confidence or score), its entropy or number of boxes, and how often each label comes; of many labels the most frequent of the
    /// reference, and the rest together.
    /// </summary>
    private sealed class Answers : DriftFamily
    {
        private const int LabelsMax = 15;
        private const double ShareFloor = 0.05;
        private readonly int[] _placeOf;
        private readonly long[] _counts;
        private readonly int _labelsFrom;

        public Answers(LoadedModel model)
            : this(model, LabelsOf(model), FirstOf(model.Manifest.Output))
        {
        }

        private Answers(LoadedModel model, IReadOnlyList<int> labels, IReadOnlyList<(string, double)> first)
            : base($"answers {model.Package.Digest} {model.Variant.Name}", [.. first, .. NamesOf(model, labels)])
        {
            _labelsFrom = first.Count;
            _counts = new long[model.Manifest.Output.Labels.Count];
            _placeOf = new int[_counts.Length];
            Array.Fill(_placeOf, _labelsFrom + labels.Count);
            for (var i = 0; i < labels.Count; i++)
                _placeOf[labels[i]] = _labelsFrom + i;
        }

        public override void Read(in SampleResult result, Span<double> values)
        {
            values.Clear();
            values[0] = result.Answer!.Watched;
            if (_labelsFrom > 1)
                values[1] = result.Answer switch { ClassAnswer c => Entropy.Bits(c.Confidences), DetectionAnswer d => d.Count, _ => 0 };
            Array.Clear(_counts);
            result.Answer.CountInto(_counts);
            for (var label = 0; label < _counts.Length; label++)
                values[_placeOf[label]] += _counts[label];
        }

        private static IReadOnlyList<(string, double)> FirstOf(OutputSpec output) => output switch
        {
            { Score: { } score } => [(DriftCauses.Score, score.Spread / 20)],
            { Boxes: not null } => [(DriftCauses.Confidence, 0.01), (DriftCauses.Boxes, 0.1)],
            _ => [(DriftCauses.Confidence, 0.01), (DriftCauses.Entropy, 0.02)],
        };

        private static IReadOnlyList<int> LabelsOf(LoadedModel model)
        {
            var counts = model.Reference.Outputs;
            return [.. Enumerable.Range(0, model.Manifest.Output.Labels.Count).OrderByDescending(l => l < counts.Count ? counts[l] : 0).Take(LabelsMax)];
        }

        private static IEnumerable<(string, double)> NamesOf(LoadedModel model, IReadOnlyList<int> labels)
        {
            var named = labels.Select(l => (DriftCauses.LabelPrefix + model.Manifest.Output.Labels[l], ShareFloor));
            return model.Manifest.Output.Labels.Count > labels.Count ? named.Append((DriftCauses.LabelPrefix + "others", ShareFloor)) : named;
        }
    }
}
