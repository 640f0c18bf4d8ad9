using EdgeFleet.Agent.Hosting;

namespace EdgeFleet.Agent.Sources;

/// <summary>How many samples a run may take at once, and how long one may wait for others. Section <c>Batch</c> of a slot; for sources that give several at a time.</summary>
/// <param name="Max">Samples of a run at most; a model that takes one at a time goes on doing so.</param>
/// <param name="DelayMs">Milliseconds that a sample may wait for others; 0 takes what waits already.</param>
internal sealed record BatchOptions(int Max = 1, int DelayMs = 0)
{
    /// <summary>Most samples of a run.</summary>
    public const int MaxMax = 64;

    /// <summary>Reads the section.</summary>
    public static BatchOptions Read(ConfigSection section)
    {
        var options = new BatchOptions(section.Int("Max", 1, 1, MaxMax), section.Int("DelayMs", 0, 0, 10_000));
        section.RejectUnknown();
        return options;
    }
}
