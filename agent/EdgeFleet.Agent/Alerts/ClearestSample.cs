using EdgeFleet.Agent.Inference;
using EdgeFleet.Shared.Models.Answers;

namespace EdgeFleet.Agent.Alerts;

/// <summary>A copy of a sample, with the boxes that were found in it.</summary>
internal sealed record ClearSample(Sample Sample, IReadOnlyList<Box> Boxes);

/// <summary>
/// Keeps copies of the samples that may turn out the clearest of the last n, and of no others: one that a later one outshines is let go at once, so that usually
/// one or two photos are held, not n.
/// </summary>
internal sealed class ClearestSample(int of)
{
    private const int KeptMax = 4;
    private readonly List<(long At, float Confidence, ClearSample Clear)> _kept = []; // By time; confidence falls.
    private readonly SamplePool _copies = new(KeptMax);
    private long _now;

    /// <summary>The clearest of the last n that showed it; null when none did.</summary>
    public Sample? Best => _kept.Count == 0 ? null : _kept[0].Clear.Sample;

    /// <summary>Samples that are held.</summary>
    public int Kept => _kept.Count;

    /// <summary>Moves on by one sample that did not show it.</summary>
    public void Pass()
    {
        _now++;
        while (_kept.Count > 0 && _kept[0].At <= _now - of)
            LetGo(0);
    }

    /// <summary>Takes a sample in that showed it.</summary>
    /// <param name="sample">The sample.</param>
    /// <param name="confidence">How sure its answer is.</param>
    /// <param name="boxes">What was found in it.</param>
    public void Add(Sample sample, float confidence, ReadOnlySpan<Box> boxes = default)
    {
        Pass();
        while (_kept.Count > 0 && _kept[^1].Confidence <= confidence)
            LetGo(_kept.Count - 1);
        if (_kept.Count == KeptMax)
            LetGo(KeptMax - 1);
        var copy = _copies.Rent();
        AlertPhoto.Keep(sample, copy);
        _kept.Add((_now, confidence, new ClearSample(copy, boxes.ToArray())));
    }

    /// <summary>Hands over the clearest of the last n that showed it; null when none did.</summary>
    public ClearSample? TakeBest()
    {
        var best = _kept.Count == 0 ? null : _kept[0].Clear;
        if (best is not null)
            _kept.RemoveAt(0);
        return best;
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        while (_kept.Count > 0)
            LetGo(_kept.Count - 1);
    }

    private void LetGo(int index)
    {
        _copies.Return(_kept[index].Clear.Sample);
        _kept.RemoveAt(index);
    }
}
