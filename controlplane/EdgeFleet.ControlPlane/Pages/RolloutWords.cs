using System.Globalization;
using EdgeFleet.ControlPlane.Pages.Parts;
using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.ControlPlane.Pages;

/// <summary>The words of rollouts.</summary>
internal static class RolloutWords
{
    /// <summary>A rollout in short.</summary>
    public static IReadOnlyList<BarPart> Bar(RolloutSummary rollout) =>
    [
        new("committed", rollout.Committed, "good"),
        new("failed", rollout.Failed, "critical"),
        new("not decided", Math.Max(0, rollout.Devices - rollout.Committed - rollout.Failed), "pale"),
    ];

    /// <summary>A wave, in the fixed order.</summary>
    public static IReadOnlyList<BarPart> Bar(WaveSummary wave) =>
    [
        new("committed", wave.Committed, "good"),
        new("in probation", wave.Probation, "candidate"),
        new("under way", wave.UnderWay, "notice"),
        new("rejected", wave.Rejected, "warning"),
        new("rolled back", wave.RolledBack, "critical"),
        new("silent", wave.Silent, "plain"),
        new("offline, not counted", wave.Offline, "hatched"),
        new("waiting", wave.Waiting, "pale"),
    ];

    /// <summary>A wave's state in words.</summary>
    public static string State(WaveSummary wave) => wave.State switch
    {
        "waiting" => "Not begun",
        "passed" => "Passed",
        var other => Looks.Rollout(other).Word,
    };

    /// <summary>The gate and the deadlines in a few sentences.</summary>
    public static string Gate(GateSettings gate) => string.Create(CultureInfo.InvariantCulture,
        $"A wave passes when {100 * gate.HealthyShareMin:0.#} % of its devices are committed and have been for {Minutes(gate.SoakMinutes)}. "
        + $"More than {100 * gate.FailureRatioMax:0.#} % failures halt it, judged from {gate.DecidedMin} decided devices on. "
        + $"A device is silent after {Minutes(gate.StartedByMinutes)} and late after {Minutes(gate.HealthyByMinutes)}. {Evidence(gate)}");

    private static string Evidence(GateSettings gate) => !gate.Evidence ? "The running models are not compared." : string.Create(CultureInfo.InvariantCulture,
        $"Beside devices on the earlier model, p95 may be {100 * gate.LatencyMoreMax:0.#} % higher, energy per inference {100 * gate.EnergyMoreMax:0.#} %, confidence {100 * gate.ConfidenceLessMax:0.#} points lower.");

    /// <summary>What was asked of the version in shadow.</summary>
    public static string Shadow(ShadowOrder order) => string.Create(CultureInfo.InvariantCulture,
        $"Before it serves, the version answers {100 * order.Share:0.#} % of the live samples beside the model that serves. ")
        + (order.Limits is { Judges: true } limits ? $"A device refuses it outside these limits: {limits.Words()}." : "No limits are set: what it does is only reported.");

    /// <summary>What a device saw of the version in shadow; empty where there is nothing to say.</summary>
    public static string ShadowOf(RolloutDeviceSummary device) => device.Shadow is { Length: > 0 } seen ? $"Shadow: {seen}." : "";

    /// <summary>An answer and how sure of it.</summary>
    public static string Answer(string answer, double confidence) => string.Create(CultureInfo.InvariantCulture, $"{answer} ({confidence:0.00})");

    /// <summary>A device's state in the rollout.</summary>
    public static Looks Device(string state) => state switch
    {
        "committed" => new("good", "good", "Committed", "good"),
        "keeps" => new("hold", "warning", "Keeps it: it had nothing before", "good"),
        "probation" => new("run", "notice", "In probation", "candidate"),
        "under-way" => new("run", "notice", "Under way", "notice"),
        "going-back" => new("back", "warning", "Going back", "notice"),
        "back" => new("back", "plain", "Back on the earlier version", "plain"),
        "rejected" => new("warning", "warning", "Rejected", "warning"),
        "rolled-back" => new("back", "critical", "Rolled back", "critical"),
        "silent" => new("none", "plain", "Silent", "plain"),
        "late" => new("warning", "warning", "Late", "warning"),
        "offline" => new("none", "plain", "Offline", "hatched"),
        "left-out" => new("none", "plain", "Left out", "pale"),
        "taken-over" => new("none", "plain", "Taken over by a newer rollout", "pale"),
        _ => new("none", "plain", "Waiting", "pale"),
    };

    /// <summary>True when somebody should look at the device.</summary>
    public static bool NeedsLook(RolloutDeviceSummary device) => device.State is "rejected" or "rolled-back" or "late" or "silent" or "keeps" or "left-out";

    /// <summary>Decisions newest first, with waits in a row as one.</summary>
    public static IEnumerable<(RolloutDecisionSummary Decision, int Times)> Folded(IReadOnlyList<RolloutDecisionSummary> decisions)
    {
        for (var i = 0; i < decisions.Count;)
        {
            var from = i++;
            while (i < decisions.Count && decisions[from].Verb == "Wait" && decisions[i].Verb == "Wait")
                i++;
            yield return (decisions[from], i - from);
        }
    }

    private static string Minutes(double minutes) => minutes switch
    {
        < 1 => string.Create(CultureInfo.InvariantCulture, $"{60 * minutes:0.#} s"),
        < 180 => string.Create(CultureInfo.InvariantCulture, $"{minutes:0.#} min"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{minutes / 60:0.#} h"),
    };
}
