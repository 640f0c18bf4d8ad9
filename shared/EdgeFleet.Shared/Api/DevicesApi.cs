using EdgeFleet.Shared.Messages;

namespace EdgeFleet.Shared.Api;

/// <summary>A device in a list. <c>Standing</c> is null, or <c>revoked</c>, <c>retired</c>, <c>quarantine</c>, and <c>StandingReason</c> says why and what to do.</summary>
public sealed record DeviceSummary(
    string Id,
    string Site,
    IReadOnlyList<string> Tags,
    string Hardware,
    string State,
    DateTimeOffset? LastHeard,
    IReadOnlyList<SlotSummary> Slots,
    int Warnings)
{
    /// <summary>Name for people; empty where the id is enough.</summary>
    public string Title { get; set; } = "";

    /// <summary>End of its certificate; null before there is one.</summary>
    public DateTimeOffset? CertificateEnds { get; init; }

    /// <inheritdoc cref="DeviceSummary"/>
    public string? Standing { get; init; }

    /// <inheritdoc cref="DeviceSummary"/>
    public string? StandingReason { get; init; }
}

/// <summary>A slot of a device: what is wanted, what runs, how its update stands.</summary>
public sealed record SlotSummary(
    string Slot,
    string? Desired,
    string? Active,
    string? Variant,
    string UpdateState,
    DateTimeOffset? Since,
    string? Candidate,
    string? Reason,
    SampleCounts Samples,
    DriftReport? Drift);

/// <summary>Everything about one device.</summary>
public sealed record DeviceDetail(
    DeviceSummary Device,
    string Agent,
    string Os,
    string Arch,
    long DesiredVersion,
    long ReportedDesiredVersion,
    DateTimeOffset Enrolled,
    DateTimeOffset? CertificateEnds,
    IReadOnlyList<HealthWarning> Warnings,
    IReadOnlyList<StreamSummary> Streams,
    IReadOnlyList<DeviceHistoryEntry> History);

/// <summary>
/// Durable records of one stream: <c>Acknowledged</c> is the number up to which everything is committed, <c>Stored</c> of them are here,
/// <c>Stepped</c> were thinned by the device and stepped over. <c>Lost = Acknowledged - Stored - Stepped</c> must be 0.
/// </summary>
public sealed record StreamSummary(string Epoch, string Stream, long Acknowledged, long Stored, long Stepped, long Lost);

/// <summary>Something that happened to a device.</summary>
public sealed record DeviceHistoryEntry(DateTimeOffset At, string What, string Text);

/// <summary>Minute rows of a slot for charts and tables, oldest first.</summary>
public sealed record SlotTelemetry(string Slot, IReadOnlyList<MinuteRow> Rows);
