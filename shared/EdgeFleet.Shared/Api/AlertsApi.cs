using EdgeFleet.Shared.Messages;

namespace EdgeFleet.Shared.Api;

/// <summary>
/// An alert as staff see it. <c>State</c>: open, acknowledged, resolved. <c>Raised</c>: the rule still holds on the device.
/// <c>RightOf100</c>: of 100 answers like this one, about so many were right; null when that was not measured.
/// <c>Boxes</c>: what the photo shows and where, in shares of the photo, to be drawn over it. <c>Score</c>: the anomaly score that raised it.
/// </summary>
public sealed record AlertSummary(
    long Id,
    string Device,
    string Site,
    string Slot,
    string Rule,
    string Label,
    string Severity,
    string State,
    bool Raised,
    DateTimeOffset First,
    DateTimeOffset Last,
    int Times,
    int Seen,
    int Of,
    double Confidence,
    string Model,
    string? Photo,
    IReadOnlyList<float>? Readings,
    long Revision,
    IReadOnlyList<AlertActionSummary> Actions,
    int? RightOf100 = null,
    IReadOnlyList<AlertBox>? Boxes = null,
    double? Score = null);

/// <summary>Something a person did to an alert.</summary>
public sealed record AlertActionSummary(DateTimeOffset At, string Who, string Kind, string? Value);

/// <summary>Body of <c>POST /api/alerts/{id}/actions</c>. A repeated key is taken once.</summary>
/// <param name="Key">Idempotency key.</param>
/// <param name="Kind"><c>acknowledge</c>, <c>resolve</c>, <c>verdict</c>.</param>
/// <param name="Value">For a verdict <c>right</c>, <c>wrong</c> or <c>unsure</c>.</param>
public sealed record AlertActionRequest(string Key, string Kind, string? Value = null);

/// <summary>Alerts changed since a revision.</summary>
public sealed record AlertPage(long Revision, IReadOnlyList<AlertSummary> Alerts);
