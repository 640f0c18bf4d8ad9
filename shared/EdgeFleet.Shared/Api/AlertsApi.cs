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
public sealed record AlertActionSummary(DateTimeOffset At, string Who, string Kind, string? Value, string? Label = null);

/// <summary>Body of <c>POST /api/alerts/{id}/actions</c>. A repeated key is taken once.</summary>
/// <param name="Key">Idempotency key.</param>
/// <param name="Kind"><c>acknowledge</c>, <c>resolve</c>, <c>verdict</c>.</param>
/// <param name="Value">For a verdict <c>right</c>, <c>wrong</c> or <c>unsure</c>.</param>
/// <param name="Label">With <c>wrong</c>, what it really is: a label of the model. Null when that is not said.</param>
public sealed record AlertActionRequest(string Key, string Kind, string? Value = null, string? Label = null);

/// <summary>What a person said of an answer, with the photo and the answer as they were then.</summary>
/// <param name="Id">Grows over all verdicts.</param>
/// <param name="JudgedAt">When it was said.</param>
/// <param name="Who">By whom.</param>
/// <param name="Verdict"><c>right</c>, <c>wrong</c> or <c>unsure</c>.</param>
/// <param name="Label">With <c>wrong</c>, what it really is, where that was said.</param>
/// <param name="Alert">The alert.</param>
/// <param name="Device">Device that sent it.</param>
/// <param name="Site">Its site now.</param>
/// <param name="Slot">Slot of the device.</param>
/// <param name="Model">Model that answered, as <c>name@version</c>.</param>
/// <param name="Answer">Its answer.</param>
/// <param name="Confidence">How sure it was.</param>
/// <param name="SeenAt">When the device saw it, by its own clock.</param>
/// <param name="Photo">SHA-256 of the photo; null for readings, and of verdicts from before photos were kept with them.</param>
public sealed record JudgedSample(
    long Id,
    DateTimeOffset JudgedAt,
    string Who,
    string Verdict,
    string? Label,
    long Alert,
    string Device,
    string Site,
    string Slot,
    string Model,
    string Answer,
    double Confidence,
    DateTimeOffset SeenAt,
    string? Photo);

/// <summary>Verdicts after one, oldest first; ask again from <paramref name="Next"/> until a page is empty.</summary>
/// <param name="Next">Id of the last one.</param>
/// <param name="Samples">The verdicts.</param>
public sealed record JudgedSamplePage(long Next, IReadOnlyList<JudgedSample> Samples);

/// <summary>Alerts changed since a revision.</summary>
public sealed record AlertPage(long Revision, IReadOnlyList<AlertSummary> Alerts);
