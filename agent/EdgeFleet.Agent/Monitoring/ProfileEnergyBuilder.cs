using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Statistics;

namespace EdgeFleet.Agent.Monitoring;

/// <summary>Gathers the energy of minutes for a profile.</summary>
internal sealed class ProfileEnergyBuilder
{
    private readonly SketchBuilder _gross = new();
    private readonly SketchBuilder _net = new();

    /// <summary>Takes a minute in.</summary>
    /// <param name="grossUj">Energy per inference, microjoule.</param>
    /// <param name="netUj">The same net of idle; null when it is not known.</param>
    public void Add(long grossUj, long? netUj)
    {
        _gross.Add(grossUj);
        if (netUj is { } net)
            _net.Add(net);
    }

    /// <summary>The profile's part.</summary>
    public ProfileEnergy Build() => new() { GrossUj = _gross.Build(), NetUj = _net.Build() is { Count: > 0 } net ? net : null };
}
