namespace EdgeFleet.ControlPlane.Pages;

/// <summary>How a state looks: icon, colour and word always together.</summary>
/// <param name="Icon">Name in the sprite.</param>
/// <param name="Colour">Class that colours it.</param>
/// <param name="Word">Word beside it.</param>
/// <param name="Fill">Look in a bar.</param>
internal sealed record Looks(string Icon, string Colour, string Word, string Fill)
{
    /// <summary>Device states in the order of bars.</summary>
    public static IReadOnlyList<string> DeviceStates { get; } =
        ["ready", "updating", "sleeping", "new", "rolled back", "late", "lost", "revoked"];

    public static Looks Severity(string severity) => severity switch
    {
        "critical" => new("critical", "critical", "Urgent", "critical"),
        "warning" => new("warning", "warning", "Warning", "warning"),
        _ => new("notice", "notice", "Notice", "notice"),
    };

    public static Looks Device(string state) => state switch
    {
        "ready" => new("good", "good", "Ready", "good"),
        "updating" => new("run", "notice", "Updating", "notice"),
        "sleeping" => new("hold", "plain", "Sleeping", "plain"),
        "late" => new("warning", "warning", "Late", "warning"),
        "rolled back" => new("back", "warning", "Rolled back", "candidate"),
        "lost" => new("critical", "critical", "Lost", "critical"),
        "revoked" => new("critical", "critical", "Shut out", "hatched"),
        "retired" => new("none", "plain", "Retired", "plain"),
        "new" => new("none", "plain", "Not heard yet", "hatched"),
        _ => new("none", "plain", Words.Finding(state), "plain"),
    };

    public static Looks Update(string state) => state switch
    {
        "Idle" => new("none", "plain", "Nothing to do", "plain"),
        "Committed" => new("good", "good", "Committed", "good"),
        "Probation" => new("run", "notice", "Probation", "candidate"),
        "Rejected" => new("warning", "warning", "Rejected", "warning"),
        "RollingBack" => new("back", "warning", "Rolling back", "warning"),
        "RolledBack" => new("back", "warning", "Rolled back", "warning"),
        "Inconsistent" => new("critical", "critical", "Inconsistent", "critical"),
        _ => new("run", "notice", state, "notice"),
    };

    /// <summary>An update that waits on the device.</summary>
    public static Looks Held(string state) => new("hold", "warning", $"{Update(state).Word}, waits", "warning");

    public static Looks Rollout(string state) => state switch
    {
        "planned" => new("none", "plain", "Planned", "plain"),
        "running" => new("run", "notice", "Running", "notice"),
        "paused" => new("hold", "warning", "Paused", "warning"),
        "holding" => new("hold", "warning", "Holding", "warning"),
        "halted" => new("critical", "critical", "Halted", "critical"),
        "rolling-back" => new("back", "critical", "Going back", "critical"),
        "rolled-back" => new("back", "critical", "Rolled back", "critical"),
        "done" => new("good", "good", "Done", "good"),
        _ => new("none", "plain", Words.Finding(state), "plain"),
    };

    public static Looks Package(string state) => state switch
    {
        "released" => new("good", "good", "Released", "good"),
        "unproven" => new("warning", "warning", "Unproven", "warning"),
        _ => new("none", "plain", Words.Finding(state), "plain"),
    };
}
