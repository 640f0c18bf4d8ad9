namespace EdgeFleet.Agent.Monitoring;

/// <summary>
/// Cuts wall-clock time into spans that begin at multiples of their length, so that rows of all slots and boards line up. A span may be cut in two. The clock may
/// jump: a gap yields no rows for the time in it, and a step back begins anew.
/// </summary>
internal sealed class SpanClock
{
    private readonly long _lengthMs;
    private long _end;

    /// <summary>A clock that is in the span of an instant.</summary>
    public SpanClock(int seconds, long nowMs)
    {
        _lengthMs = seconds * 1000L;
        Begin = nowMs;
        _end = EndOf(nowMs);
    }

    /// <summary>Begin of what is gathered now, Unix ms.</summary>
    public long Begin { get; private set; }

    /// <summary>True when an instant lies outside the span.</summary>
    public bool IsOver(long nowMs) => nowMs >= _end || nowMs < Begin;

    /// <summary>Length of what was gathered until an instant, in whole seconds and at least 1.</summary>
    public int SecondsUntil(long nowMs) => (int)Math.Max(1, Math.Round((Math.Clamp(nowMs, Begin, _end) - Begin) / 1000.0));

    /// <summary>Goes on with what begins at an instant: the rest of this span, the next one, or wherever the clock has jumped.</summary>
    public void MoveTo(long nowMs)
    {
        Begin = nowMs >= _end && nowMs < _end + _lengthMs ? _end : nowMs;
        _end = EndOf(nowMs);
    }

    private long EndOf(long ms) => (ms / _lengthMs + 1) * _lengthMs;
}
