using EdgeFleet.Agent.Inference;

namespace EdgeFleet.Agent.Alerts;

/// <summary>
/// Keeps the samples that may turn out the clearest of the last n, and no others: a sample that a later one outshines is let go at once, so that usually one or
/// two photos are held, not n.
/// </summary>
internal sealed class ClearestSample(int of)
{
    private const int KeptMax = 4;
    private readonly List<(long At, float Confidence, Sample Sample)> _kept = []; // By time; confidence falls.
    private long _now;

    /// <summary>The clearest of the last n that showed it; null when none did.</summary>
    public Sample? Best => _kept.Count == 0 ? null : _kept[0].Sample;

    /// <summary>Samples that are held.</summary>
    public int Kept => _kept.Count;

    /// <summary>Moves on by one sample that did not show it.</summary>
    public void Pass()
    {
        _now++;
        while (_kept.Count > 0 && _kept[0].At <= _now - of)
            _kept.RemoveAt(0);
    }

    /// <summary>Takes a sample in that showed it.</summary>
    public void Add(Sample sample, float confidence)
    {
        Pass();
        while (_kept.Count > 0 && _kept[^1].Confidence <= confidence)
            _kept.RemoveAt(_kept.Count - 1);
        if (_kept.Count == KeptMax)
            _kept.RemoveAt(KeptMax - 1);
        _kept.Add((_now, confidence, sample));
    }

    /// <summary>Forgets everything.</summary>
    public void Clear() => _kept.Clear();
}
