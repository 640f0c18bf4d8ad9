namespace EdgeFleet.Agent.Connectivity;

/// <summary>How records wait and travel. Section <c>Connectivity</c>; every value has a default that suits a board in the field.</summary>
internal sealed class ConnectivityOptions
{
    /// <summary>Section of the configuration.</summary>
    public const string Section = "Connectivity";

    /// <summary>Seconds that minute rows wait for company. Events and profiles never wait.</summary>
    public int BatchSeconds { get; set; } = 900;

    /// <summary>Minute rows of one slot that make a batch before its time.</summary>
    public int BatchRows { get; set; } = 15;

    /// <summary>Seconds of silence after which the broker is asked whether it is still there.</summary>
    public int KeepAliveSeconds { get; set; } = 60;

    /// <summary>Longest pause between two attempts to connect, in seconds.</summary>
    public int ReconnectCapSeconds { get; set; } = 300;

    /// <summary>Seconds without an acknowledgement after which everything unacknowledged is sent again; doubles up to ten times.</summary>
    public int AckTimeoutSeconds { get; set; } = 30;

    /// <summary>Longest time between two reports of the whole state, in seconds; changes are reported at once.</summary>
    public int ReportSeconds { get; set; } = 3600;

    /// <summary>Milliseconds over which new records are gathered into one commit.</summary>
    public int CommitMs { get; set; } = 100;

    /// <summary>Bytes of records and photos that may wait. Half of it may be minute rows, a quarter profiles.</summary>
    public long OutboxBytesMax { get; set; } = 64L << 20;

    /// <summary>Days after which events that nobody took are dropped, counted and reported.</summary>
    public int EventDaysMax { get; set; } = 365;

    /// <inheritdoc cref="EventDaysMax"/>
    public int MinuteDaysMax { get; set; } = 90;

    /// <inheritdoc cref="EventDaysMax"/>
    public int ProfileDaysMax { get; set; } = 90;

    /// <summary>Everything that is wrong with the values, a sentence each.</summary>
    public static IEnumerable<string> Faults(ConnectivityOptions o)
    {
        (string Name, long Value, long Min, long Max)[] ranges =
        [
            (nameof(BatchSeconds), o.BatchSeconds, 1, 86400),
            (nameof(BatchRows), o.BatchRows, 1, 1000),
            (nameof(KeepAliveSeconds), o.KeepAliveSeconds, 5, 1200),
            (nameof(ReconnectCapSeconds), o.ReconnectCapSeconds, 1, 3600),
            (nameof(AckTimeoutSeconds), o.AckTimeoutSeconds, 1, 3600),
            (nameof(ReportSeconds), o.ReportSeconds, 1, 86400),
            (nameof(CommitMs), o.CommitMs, 1, 200),
            (nameof(OutboxBytesMax), o.OutboxBytesMax, 1L << 20, 1L << 34),
            (nameof(EventDaysMax), o.EventDaysMax, 1, 3650),
            (nameof(MinuteDaysMax), o.MinuteDaysMax, 1, 3650),
            (nameof(ProfileDaysMax), o.ProfileDaysMax, 1, 3650),
        ];
        return from r in ranges
               where r.Value < r.Min || r.Value > r.Max
               select $"{Section}:{r.Name} is {r.Value}; give a value from {r.Min} to {r.Max}.";
    }
}
