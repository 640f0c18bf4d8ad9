namespace EdgeFleet.Agent.Connectivity;

/// <summary>How the connection stands, for people at the board. Any thread may ask; the link tells.</summary>
internal sealed class LinkStatus(TimeProvider time)
{
    private volatile LinkState _now = new() { Since = time.GetUtcNow().ToUnixTimeMilliseconds() };

    /// <summary>How it stands now.</summary>
    public LinkState Now => _now;

    /// <summary>A connection came about.</summary>
    public void Connected(string broker) => _now = new LinkState { Connected = true, Broker = broker, Since = UnixMs(), AckedAt = _now.AckedAt };

    /// <summary>There is no connection; the time it was lost stays over further attempts.</summary>
    public void Lost(string reason) => _now = _now with { Connected = false, Since = _now.Connected ? UnixMs() : _now.Since, Reason = reason };

    /// <summary>The control plane acknowledged records.</summary>
    public void Acked() => _now = _now with { AckedAt = UnixMs() };

    private long UnixMs() => time.GetUtcNow().ToUnixTimeMilliseconds();
}

/// <summary>The connection to the control plane.</summary>
internal sealed record LinkState
{
    /// <summary>True while there is one.</summary>
    public bool Connected { get; init; }

    /// <summary>Host and port of the broker, of the last connection.</summary>
    public string? Broker { get; init; }

    /// <summary>Since when it stands or is missing, Unix ms.</summary>
    public long Since { get; init; }

    /// <summary>Why there is none.</summary>
    public string? Reason { get; init; }

    /// <summary>When records were last acknowledged, Unix ms; 0 for never since the start.</summary>
    public long AckedAt { get; init; }
}
