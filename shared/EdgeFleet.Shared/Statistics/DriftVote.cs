namespace EdgeFleet.Shared.Statistics;

/// <summary>One window may differ by chance; k of the last m do not. Drift ends once none of the last m differs.</summary>
/// <param name="Seen">k: windows that must differ.</param>
/// <param name="Of">m: windows looked at.</param>
public readonly record struct DriftVote(int Seen, int Of)
{
    /// <summary>Whether it drifts now.</summary>
    /// <param name="isDrifting">Whether it did before the newest window.</param>
    /// <param name="recent">Which of the last windows differed, the newest last.</param>
    public bool Decide(bool isDrifting, IReadOnlyList<bool> recent)
    {
        var differed = recent.Skip(Math.Max(0, recent.Count - Of)).Count(r => r);
        return differed >= Seen || (isDrifting && (differed > 0 || recent.Count < Of));
    }
}
