namespace EdgeFleet.Agent.Sources;

/// <summary>What a slot's source did since the process began, for its metrics. Any thread.</summary>
internal sealed class SourceCounters
{
    private long _frames;
    private long _dropped;
    private long _rowsSkipped;
    private long _unusable;
    private long _restarts;

    /// <summary>Frames, windows or messages that were whole.</summary>
    public long Frames => Interlocked.Read(ref _frames);

    /// <summary>Of them, those that a newer one replaced before the slot read them.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Readings that were not all numbers.</summary>
    public long RowsSkipped => Interlocked.Read(ref _rowsSkipped);

    /// <summary>Frames or messages that were broken, too large or of another kind.</summary>
    public long Unusable => Interlocked.Read(ref _unusable);

    /// <summary>Times that a program or a connection was begun anew.</summary>
    public long Restarts => Interlocked.Read(ref _restarts);

    /// <summary>A whole frame.</summary>
    public void AddFrame() => Interlocked.Increment(ref _frames);

    /// <summary>A frame that nobody read.</summary>
    public void AddDropped() => Interlocked.Increment(ref _dropped);

    /// <summary>Readings skipped.</summary>
    public void AddRowsSkipped(int rows) => Interlocked.Add(ref _rowsSkipped, rows);

    /// <summary>A broken frame or message.</summary>
    public void AddUnusable() => Interlocked.Increment(ref _unusable);

    /// <summary>A new beginning.</summary>
    public void AddRestart() => Interlocked.Increment(ref _restarts);
}
