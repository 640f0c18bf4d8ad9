using EdgeFleet.Shared.Identity;

namespace EdgeFleet.Agent.Connectivity;

/// <summary>
/// What is on its way and not acknowledged, for one connection. A broker's own acknowledgement is not trusted: only the control plane's
/// counts, and what it does not acknowledge in time is sent again from the oldest on. Pure: times are those of a monotonic clock.
/// </summary>
internal sealed class SendWindow(TimeSpan ackTimeout)
{
    /// <summary>Batches and photos on their way at most.</summary>
    public const int FlightsMax = 8;

    /// <summary>Of these, what telemetry and photos may take: an event never waits behind them.</summary>
    public const int BulkMax = 6;

    private const int BackoffMax = 10;

    private readonly Dictionary<string, long> _sentThrough = [];
    private readonly HashSet<Sha256Digest> _photos = [];
    private readonly List<Flight> _flights = [];
    private TimeSpan _lastProgress;
    private int _backoff = 1;

    /// <summary>Number up to which a stream was sent in this connection; what follows is next.</summary>
    public long After(string stream) => _sentThrough.GetValueOrDefault(stream);

    /// <summary>True when a batch may go.</summary>
    public bool HasRoom(bool isBulk) => _flights.Count < FlightsMax && (!isBulk || _flights.Count(f => f.IsBulk) < BulkMax);

    /// <summary>True when a photo was sent in this connection and is not given up.</summary>
    public bool IsSent(Sha256Digest photo) => _photos.Contains(photo);

    /// <summary>A batch went out.</summary>
    public void Sent(string stream, long last, bool isBulk, TimeSpan now)
    {
        _sentThrough[stream] = last;
        _flights.Add(new Flight(stream, last, isBulk, now));
    }

    /// <summary>A photo went out.</summary>
    public void Sent(Sha256Digest photo, TimeSpan now)
    {
        _photos.Add(photo);
        _flights.Add(new Flight(photo.Value, 0, IsBulk: true, now));
    }

    /// <summary>Everything of a stream up to a number is committed.</summary>
    public void Acked(string stream, long through, TimeSpan now)
    {
        if (_flights.RemoveAll(f => f.Key == stream && f.Last <= through) > 0)
            Progress(now);
        _sentThrough[stream] = Math.Max(After(stream), through);
    }

    /// <summary>A photo is stored.</summary>
    public void Acked(Sha256Digest photo, TimeSpan now)
    {
        if (_flights.RemoveAll(f => f.Key == photo.Value) > 0)
            Progress(now);
    }

    /// <summary>When the acknowledgement of what is on its way is overdue; null when nothing is.</summary>
    public TimeSpan? OverdueAt => _flights.Count == 0
        ? null
        : (_flights[0].SentAt > _lastProgress ? _flights[0].SentAt : _lastProgress) + ackTimeout * _backoff;

    /// <summary>Gives up what is overdue: everything that is still held is sent again, and the next wait is longer.</summary>
    /// <returns>How many batches and photos were given up.</returns>
    public int GiveUpOverdue(TimeSpan now)
    {
        if (OverdueAt is not { } due || now < due)
            return 0;

        var count = _flights.Count;
        _flights.Clear();
        _photos.Clear();
        _sentThrough.Clear();
        _backoff = Math.Min(_backoff * 2, BackoffMax);
        return count;
    }

    private void Progress(TimeSpan now) => (_lastProgress, _backoff) = (now, 1);

    private readonly record struct Flight(string Key, long Last, bool IsBulk, TimeSpan SentAt);
}
