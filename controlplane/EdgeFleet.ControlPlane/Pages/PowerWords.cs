using System.Globalization;
using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Messages;

namespace EdgeFleet.ControlPlane.Pages;

/// <summary>The words of power and heat.</summary>
internal static class PowerWords
{
    /// <summary>Energy of a slot in a sentence, or "Unavailable" and why.</summary>
    public static string Sentence(EnergySummary energy, ReportedPower? power) => energy switch
    {
        { State: EnergySummary.Measured, Newest: { } row } =>
            $"Energy per inference of {energy.Slot}: {Values(row)}, by {power?.Sensor}{Method(power)}. {When(row)}{Shared(row)}",
        { State: EnergySummary.TooFew } => $"Energy per inference of {energy.Slot}: Too few to tell. {energy.Why}",
        _ => $"Energy per inference of {energy.Slot}: {Unavailable(energy.Why)}",
    };

    /// <summary>"Unavailable: this device has no power sensor."</summary>
    public static string Unavailable(string? why)
    {
        why ??= "It is not known why.";
        // A name that begins the sentence keeps its form.
        return $"Unavailable: {(why.StartsWith("Th", StringComparison.Ordinal) ? "t" + why[1..] : why)}";
    }

    /// <summary>What is known of the board, a name and its words each; what it does not have is left out.</summary>
    public static IEnumerable<(string Name, string Words)> Facts(ReportedPower power)
    {
        yield return ("Sensor", power.Sensor is { } sensor ? $"{sensor}{Method(power)}{Rate(power)}" : Unavailable(power.Unavailable));
        if (power.Module is { } module)
            yield return ("Module", module);
        if (power.Mode is { } mode)
            yield return ("Power mode", mode);
        yield return ("Temperature", power.Celsius is { } celsius
            ? string.Create(CultureInfo.InvariantCulture, $"{celsius} °C at {power.Hottest ?? "the hottest place"}")
            : "Unavailable: no thermometer of the board could be read.");
        yield return ("Throttling", Throttling(power));
        if (power.BatteryPercent is { } percent)
            yield return ("Battery", string.Create(CultureInfo.InvariantCulture, $"{percent} %, {(power.BatteryStatus ?? "unknown").ToLowerInvariant()}"));
        if (power.RateFactor is { } factor)
            yield return ("Samples", factor == 0 ? "Paused for heat or battery" : string.Create(CultureInfo.InvariantCulture, $"Read at {factor:0.##} times their rate"));
        if (power.UpdatesWait is { } why)
            yield return ("Updates", $"Wait: {why}");
    }

    private static string Values(MinuteRow row)
    {
        var net = row.EnergyNetUj is { } uj ? $"{Words.Energy(uj)} net of idle" : "net of idle not known yet";
        var sigma = row.EnergySigmaUj is { } s ? $" (± {Words.Energy(s)})" : "";
        return row.EnergyNetUj is null ? $"{Words.Energy(row.EnergyUj!.Value)} gross{sigma}, {net}" : $"{Words.Energy(row.EnergyUj!.Value)} gross, {net}{sigma}";
    }

    private static string When(MinuteRow row) => string.Create(
        CultureInfo.InvariantCulture, $"Newest minute: {Words.Count(row.Answered, "inference")} in {row.Seconds} s, {Words.Moment(DateTimeOffset.FromUnixTimeMilliseconds(row.At))}.");

    private static string Shared(MinuteRow row) => row.EnergyShare is { } share
        ? string.Create(CultureInfo.InvariantCulture, $" An estimate: {share / 10.0:0.#} % of the board's energy was put down to this slot by its busy time.")
        : "";

    private static string Method(ReportedPower? power) => power?.Method switch
    {
        ReportedPower.Modelled => ", an estimate by a model",
        ReportedPower.Counted => ", counted by the hardware",
        _ => "",
    };

    private static string Rate(ReportedPower power) => power.Hz is { } hz ? string.Create(CultureInfo.InvariantCulture, $", {hz:0.#} readings a second") : "";

    private static string Throttling(ReportedPower power) => power switch
    {
        { Throttled: { Count: > 0 } now } => $"Now: {string.Join(", ", now)}",
        { ThrottledBefore: { Count: > 0 } before } => $"Not now; since it started: {string.Join(", ", before)}",
        { Throttled: null } => "Unavailable: nothing on this board tells of it.",
        _ => "None seen",
    };
}
