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

/// <summary>A slot of a device: what is wanted, what runs, how its update stands, why it waits on the device, if it does, and what shadowing found of the version that runs or comes.</summary>
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
    DriftReport? Drift,
    string? Held = null,
    string? Shadow = null);

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
    IReadOnlyList<DeviceHistoryEntry> History,
    ReportedPower? Power,
    IReadOnlyList<EnergySummary> Energy);

/// <summary>
/// Durable records of one stream: <c>Acknowledged</c> is the number up to which everything is committed, <c>Stored</c> of them are here,
/// <c>Stepped</c> were thinned by the device and stepped over. <c>Lost = Acknowledged - Stored - Stepped</c> must be 0.
/// </summary>
public sealed record StreamSummary(string Epoch, string Stream, long Acknowledged, long Stored, long Stepped, long Lost);

/// <summary>Something that happened to a device.</summary>
public sealed record DeviceHistoryEntry(DateTimeOffset At, string What, string Text);

/// <summary>Minute rows of a slot for charts and tables, oldest first, and its energy.</summary>
public sealed record SlotTelemetry(string Slot, IReadOnlyList<MinuteRow> Rows, EnergySummary Energy);

/// <summary>Energy per inference of a slot in the newest minute that has one, or why there is none.</summary>
/// <param name="Slot">Slot.</param>
/// <param name="State"><see cref="Measured"/>, <see cref="TooFew"/> or <see cref="Unavailable"/>.</param>
/// <param name="Why">Why there is no value, in a sentence; null when there is one.</param>
/// <param name="Newest">The minute.</param>
public sealed record EnergySummary(string Slot, string State, string? Why, MinuteRow? Newest)
{
    /// <summary>There is a value.</summary>
    public const string Measured = "measured";

    /// <summary>The device has a sensor, and no minute looked at has a value.</summary>
    public const string TooFew = "too few";

    /// <summary>The device has no sensor that can be read, or has not said.</summary>
    public const string Unavailable = "unavailable";
}
