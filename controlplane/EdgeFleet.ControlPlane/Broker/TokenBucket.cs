namespace EdgeFleet.ControlPlane.Broker;

/// <summary>
/// A rate with a burst: <paramref name="burst"/> at once, then <paramref name="perSecond"/>. No I/O and no clock of its own; safe to share.
/// </summary>
/// <param name="perSecond">What comes back in a second.</param>
/// <param name="burst">Most that is saved up.</param>
internal sealed class TokenBucket(double perSecond, double burst)
{
    private readonly Lock _lock = new();
    private double _missing;
    private TimeSpan _at;

    /// <summary>Takes from the bucket, on credit if it will be there in time.</summary>
    /// <param name="cost">How much.</param>
    /// <param name="now">Time since some beginning that does not change.</param>
    /// <param name="waitMax">Longest wait that is worth it.</param>
    /// <returns>How long to wait before going on; null when it would be longer, and then nothing is taken.</returns>
    public TimeSpan? Take(double cost, TimeSpan now, TimeSpan waitMax)
    {
        lock (_lock)
        {
            if (now > _at)
            {
                _missing = Math.Max(0, _missing - (now - _at).TotalSeconds * perSecond);
                _at = now;
            }

            // What is dearer than a whole bucket passes when the bucket is full; otherwise it never would.
            var over = _missing + Math.Min(cost, burst) - burst;
            var wait = over <= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(over / perSecond);
            if (wait > waitMax)
                return null;

            _missing += cost;
            return wait;
        }
    }
}
