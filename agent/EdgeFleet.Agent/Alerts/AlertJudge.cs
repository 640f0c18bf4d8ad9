using EdgeFleet.Shared.Models;

namespace EdgeFleet.Agent.Alerts;

/// <summary>What a sample did to an alert.</summary>
internal enum AlertStep
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>k of the last n samples show it now.</summary>
    Raised,

    /// <summary>m samples in a row did not show it.</summary>
    Cleared,
}

/// <summary>
/// Judges one rule over plain values: k of the last n samples raise it, m in a row without it clear it, and once it is raised a lower confidence still counts as
/// shown, so that an answer that wavers at the threshold does not ring and ring again.
/// </summary>
/// <param name="rule">The rule.</param>
/// <param name="isRaised">True when the alert is open from before.</param>
internal sealed class AlertJudge(AlertRule rule, bool isRaised = false)
{
    private readonly float[] _shown = new float[rule.Of]; // Confidence by sample, 0 where it was not shown.
    private int _next;
    private int _without;

    /// <summary>True while the alert is open.</summary>
    public bool IsRaised { get; private set; } = isRaised;

    /// <summary>Samples of the last <see cref="Of"/> that showed it.</summary>
    public int Seen { get; private set; }

    /// <summary>Samples looked at, at most the rule's n.</summary>
    public int Of { get; private set; }

    /// <summary>Mean confidence of those that showed it; 0 when none did.</summary>
    public double Confidence => Seen == 0 ? 0 : _shown.Sum(c => (double)c) / Seen;

    /// <summary>Takes an answered sample in.</summary>
    /// <param name="isLabel">True when the answer is the rule's label.</param>
    /// <param name="confidence">Confidence of the answer.</param>
    /// <param name="confidenceMin">Confidence from which an answer counts.</param>
    public AlertStep Observe(bool isLabel, float confidence, double confidenceMin)
    {
        var least = IsRaised ? Math.Min(rule.ConfidenceClear, confidenceMin) : confidenceMin;
        var shows = isLabel && confidence >= least;
        Remember(shows ? Math.Max(confidence, float.Epsilon) : 0);
        _without = shows ? 0 : _without + 1;

        if (!IsRaised && Seen >= rule.Seen)
        {
            IsRaised = true;
            return AlertStep.Raised;
        }

        if (!IsRaised || _without < rule.ClearAfter)
            return AlertStep.None;

        IsRaised = false;
        Array.Clear(_shown);
        (_next, Seen, Of, _without) = (0, 0, 0, 0);
        return AlertStep.Cleared;
    }

    private void Remember(float confidence)
    {
        Seen += (confidence > 0 ? 1 : 0) - (_shown[_next] > 0 ? 1 : 0);
        _shown[_next] = confidence;
        _next = (_next + 1) % _shown.Length;
        Of = Math.Min(Of + 1, _shown.Length);
    }
}
