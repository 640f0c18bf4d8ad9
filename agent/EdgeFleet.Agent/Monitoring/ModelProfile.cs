using EdgeFleet.Agent.Inference;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Models.Answers;
using EdgeFleet.Shared.Statistics;

namespace EdgeFleet.Agent.Monitoring;

/// <summary>What is gathered about one model over a span: sketches of times, bins of inputs, outputs and confidence by the package's reference.</summary>
internal sealed class ModelProfile(LoadedModel model)
{
    private readonly SketchBuilder _queueUs = new();
    private readonly SketchBuilder _prepareUs = new();
    private readonly SketchBuilder _inferUs = new();
    private readonly SketchBuilder _postUs = new();
    private readonly FeatureCounter[] _inputs = [.. model.Reference.Inputs.Select(f => new FeatureCounter(f.Edges))];
    private readonly FeatureCounter _watched = new(model.Reference.Confidence.Edges);
    private readonly FeatureCounter? _entropy = model.Reference.Entropy is { } entropy ? new FeatureCounter(entropy.Edges) : null;
    private readonly int[] _places = [.. model.Reference.Inputs.Select(f => ImageFeatures.IndexOf(f.Name))];
    private readonly long[] _outputs = new long[model.Manifest.Output.Labels.Count];
    private long _answered;
    private long _failed;

    /// <summary>The model.</summary>
    public LoadedModel Model => model;

    /// <summary>True when nothing was gathered.</summary>
    public bool IsEmpty => _answered + _failed == 0;

    /// <summary>Takes a result of this model in.</summary>
    public void Add(in SampleResult result)
    {
        _queueUs.Add(result.Times.QueueUs);
        if (!result.IsInputFault)
        {
            _prepareUs.Add(result.Times.PrepareUs);
            AddInputs(result);
        }

        if (result.Error is not null)
        {
            _failed++;
            return;
        }

        _answered++;
        _inferUs.Add(result.Times.InferUs);
        _postUs.Add(result.Times.PostUs);
        result.Answer!.CountInto(_outputs);
        _watched.Add(result.Answer.Watched);
        if (result.Answer is ClassAnswer classes)
            _entropy?.Add(Entropy.Bits(classes.Confidences));
    }

    /// <summary>The profile so far, as a value of its own.</summary>
    public HourlyProfile Build(SlotName slot, long at, int seconds) => new()
    {
        Slot = slot,
        At = at,
        Seconds = seconds,
        Model = model.Package.Label,
        Variant = model.Variant.Name,
        Answered = _answered,
        Failed = _failed,
        QueueUs = _queueUs.Build(),
        PrepareUs = _prepareUs.Build(),
        InferUs = _inferUs.Build(),
        PostUs = _postUs.Build(),
        Inputs = [.. model.Reference.Inputs.Select((f, i) => Feature(f, _inputs[i]))],
        Outputs = [.. _outputs],
        Confidence = Feature(model.Reference.Confidence, _watched),
        Entropy = _entropy is null ? null : Feature(model.Reference.Entropy!, _entropy),
    };

    // A picture gives a value a feature; a window gives every reading. A reference's feature that this board does not know stays empty.
    private void AddInputs(in SampleResult result)
    {
        for (var i = 0; i < _places.Length; i++)
        {
            if (_places[i] is >= 0 and var place && place < result.Features.Length)
                _inputs[i].Add(result.Features[place]);
        }

        var readings = result.Sample.Window;
        for (var i = 0; i < readings.Length; i++)
            _inputs[i % _inputs.Length].Add(readings[i]);
    }

    private static FeatureProfile Feature(FeatureReference reference, FeatureCounter counter) =>
        new() { Name = reference.Name, Counts = [.. counter.Counts], Moments = counter.Moments };
}
