using EdgeFleet.Agent.Hosting;

namespace EdgeFleet.Agent.Connectivity;

/// <summary>How records wait and travel. Section <c>Connectivity</c>; every value has a default that suits a board in the field.</summary>
internal sealed record ConnectivityOptions
{
    /// <summary>Section of the configuration.</summary>
    public const string Section = "Connectivity";

    /// <summary>Seconds that minute rows wait for company. Events and profiles never wait.</summary>
    public int BatchSeconds { get; init; } = 900;

    /// <summary>Minute rows of one slot that make a batch before its time.</summary>
    public int BatchRows { get; init; } = 15;

    /// <summary>Seconds of silence after which the broker is asked whether it is still there.</summary>
    public int KeepAliveSeconds { get; init; } = 60;

    /// <summary>Longest pause between two attempts to connect, in seconds.</summary>
    public int ReconnectCapSeconds { get; init; } = 300;

    /// <summary>Seconds without an acknowledgement after which everything unacknowledged is sent again; doubles up to ten times.</summary>
    public int AckTimeoutSeconds { get; init; } = 30;

    /// <summary>Longest time between two reports of the whole state, in seconds; changes are reported at once.</summary>
    public int ReportSeconds { get; init; } = 3600;

    /// <summary>Milliseconds over which new records are gathered into one commit.</summary>
    public int CommitMs { get; init; } = 100;

    /// <summary>Megabytes of records and photos that may wait. Half of it may be minute rows, a quarter profiles.</summary>
    public int OutboxMbMax { get; init; } = 64;

    /// <summary>Days after which events that nobody took are dropped, counted and reported.</summary>
    public int EventDaysMax { get; init; } = 365;

    /// <inheritdoc cref="EventDaysMax"/>
    public int MinuteDaysMax { get; init; } = 90;

    /// <inheritdoc cref="EventDaysMax"/>
    public int ProfileDaysMax { get; init; } = 90;

    /// <summary><see cref="OutboxMbMax"/> in bytes.</summary>
    public long OutboxBytesMax => (long)OutboxMbMax << 20;

    /// <summary>Reads the section.</summary>
    public static ConnectivityOptions Read(ConfigSection section) => new()
    {
        BatchSeconds = section.Int("BatchSeconds", 900, 1, 86400),
        BatchRows = section.Int("BatchRows", 15, 1, 1000),
        KeepAliveSeconds = section.Int("KeepAliveSeconds", 60, 5, 1200),
        ReconnectCapSeconds = section.Int("ReconnectCapSeconds", 300, 1, 3600),
        AckTimeoutSeconds = section.Int("AckTimeoutSeconds", 30, 1, 3600),
        ReportSeconds = section.Int("ReportSeconds", 3600, 1, 86400),
        CommitMs = section.Int("CommitMs", 100, 1, 200),
        OutboxMbMax = section.Int("OutboxMbMax", 64, 1, 16384),
        EventDaysMax = section.Int("EventDaysMax", 365, 1, 3650),
        MinuteDaysMax = section.Int("MinuteDaysMax", 90, 1, 3650),
        ProfileDaysMax = section.Int("ProfileDaysMax", 90, 1, 3650),
    };
}
