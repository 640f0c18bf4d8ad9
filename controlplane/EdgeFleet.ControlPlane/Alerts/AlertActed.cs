using EdgeFleet.Shared.Api;

namespace EdgeFleet.ControlPlane.Alerts;

/// <summary>How an action on an alert ended.</summary>
internal abstract record AlertActed
{
    /// <summary>It was done, now or by an earlier request with the same key.</summary>
    public sealed record Done(AlertSummary Alert) : AlertActed;

    /// <summary>Somebody did it first; nothing was changed.</summary>
    public sealed record Conflict(AlertSummary Alert, string Sentence) : AlertActed;

    /// <summary>It cannot be done as asked.</summary>
    public sealed record Refused(string Reason) : AlertActed;

    /// <summary>There is no such alert.</summary>
    public sealed record NotFound : AlertActed;
}
