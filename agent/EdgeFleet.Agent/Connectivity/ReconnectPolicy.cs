namespace EdgeFleet.Agent.Connectivity;

/// <summary>
/// Pauses between attempts to connect: full jitter over a doubling span, so that a fleet that lost its server does not come back all at once.
/// </summary>
internal sealed class ReconnectPolicy(TimeSpan cap, Func<double> random)
{
    /// <summary>A connection that lasted so long makes the next pause a first one again.</summary>
    public static readonly TimeSpan Stable = TimeSpan.FromMinutes(2);

    private int _attempts;

    /// <summary>Pause before the next attempt.</summary>
    /// <param name="connectedFor">How long the last connection lasted; zero when there was none.</param>
    public TimeSpan Next(TimeSpan connectedFor)
    {
        if (connectedFor >= Stable)
            _attempts = 0;
        var span = TimeSpan.FromSeconds(Math.Min(cap.TotalSeconds, Math.Pow(2, _attempts)));
        _attempts = Math.Min(_attempts + 1, 30);
        return span * random();
    }
}
