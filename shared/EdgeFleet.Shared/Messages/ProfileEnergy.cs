using EdgeFleet.Shared.Statistics;

namespace EdgeFleet.Shared.Messages;

/// <summary>Energy per inference over the minutes of a profile, one value a minute; mergeable like all sketches.</summary>
public sealed record ProfileEnergy
{
    /// <summary>Gross: all that the board took, in microjoule.</summary>
    public required DdSketch GrossUj { get; init; }

    /// <summary>Net of what the idle board takes, in microjoule; null when the idle power was not known. Values of 0 and below are in the sketch's zero.</summary>
    public DdSketch? NetUj { get; init; }
}
