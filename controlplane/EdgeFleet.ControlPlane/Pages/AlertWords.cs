using EdgeFleet.Shared.Api;

namespace EdgeFleet.ControlPlane.Pages;

/// <summary>The words of alerts.</summary>
internal static class AlertWords
{
    /// <summary>For example "3 need you. 1 urgent."</summary>
    public static string Need(IReadOnlyCollection<AlertSummary> open)
    {
        var urgent = open.Count(a => a.Severity == "critical");
        var need = open.Count switch
        {
            0 => "Nothing needs you now.",
            1 => "1 needs you.",
            var n => $"{n} need you.",
        };
        return urgent == 0 ? need : $"{need} {urgent} urgent.";
    }

    /// <summary>Where an alert stands.</summary>
    public static string State(AlertSummary alert) => alert.State switch
    {
        "open" => "New",
        "acknowledged" => $"Seen by {Last(alert, "acknowledge")?.Who}",
        _ => $"Finished by {Last(alert, "resolve")?.Who}",
    };

    /// <summary>What somebody did.</summary>
    public static string Did(AlertActionSummary action) => action.Kind switch
    {
        "acknowledge" => $"Seen by {action.Who}",
        "resolve" => $"Finished by {action.Who}",
        _ => $"{action.Who} judged: {action.Value switch { "right" => "right", "wrong" => action.Label is { } label ? $"wrong, it is {Words.Finding(label).ToLowerInvariant()}" : "wrong", _ => "not sure" }}",
    };

    private static AlertActionSummary? Last(AlertSummary alert, string kind) => alert.Actions.LastOrDefault(a => a.Kind == kind);
}
