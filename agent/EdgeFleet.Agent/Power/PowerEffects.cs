using System.Globalization;
using EdgeFleet.Agent.Health;
using EdgeFleet.Agent.Inference;
using EdgeFleet.Agent.Updates;

namespace EdgeFleet.Agent.Power;

/// <summary>Applies a stance: the slots' rates, the updates, the warnings.</summary>
internal sealed class PowerEffects(IEnumerable<SlotHost> hosts, UpdateHold updates, HealthBoard health)
{
    /// <summary>Warning: the board is hot.</summary>
    public const string Hot = "board-hot";

    /// <summary>Warning: the board slows itself down.</summary>
    public const string Throttled = "board-throttled";

    /// <summary>Warning: the battery is low.</summary>
    public const string BatteryLow = "battery-low";

    private readonly SlotHost[] _hosts = [.. hosts];

    /// <summary>Applies it.</summary>
    public void Apply(PowerNow now)
    {
        foreach (var host in _hosts)
            host.RateFactor = now.RateFactor;
        updates.Set(now.UpdatesWait);
        updates.Strain = now.Stance.IsStrained ? PowerPolicy.Reasons(now.Stance) : null;

        var measures = Measures(now);
        Say(now.Stance.Hot, Hot, $"{Heat(now.Hottest)}.{measures}", "Shade the board, clean its fan and heat sink, and look at what else runs on it.");
        Say(
            now.Stance.Throttled,
            Throttled,
            $"The board slows itself down: {(now.Throttled is { Count: > 0 } words ? string.Join(", ", words) : "it did a moment ago")}.{measures}",
            now.Throttled?.Contains(Throttling.UnderVoltage) == true || now.Throttled?.Contains(Throttling.OverCurrent) == true
                ? "Look at the power supply and its cable: it does not keep its voltage, or too much hangs on it."
                : "Cool the board, or give it a lower power mode.");
        Say(
            now.Stance.LowBattery,
            BatteryLow,
            $"{(now.Battery is { } battery ? $"The battery is at {battery.Percent} %" : "The battery was low and is no longer seen")}.{measures}",
            "Charge the battery; look at the solar panel or the mains.");
    }

    private void Say(Latch latch, string code, string text, string remedy)
    {
        if (latch.Holds)
            health.Raise(code, null, text, remedy);
        else
            health.Clear(code, null);
    }

    private static string Heat(Temperature? hottest) => hottest is { } place
        ? string.Create(CultureInfo.InvariantCulture, $"The board is at {place.Celsius:0} °C ({place.Name})")
        : "The board was hot and its temperature is no longer seen";

    private static string Measures(PowerNow now)
    {
        var rate = now.RateFactor switch
        {
            1 => null,
            0 => "no samples are read",
            var factor => string.Create(CultureInfo.InvariantCulture, $"samples are read at {factor:0.##} times their rate"),
        };
        var both = string.Join(" and ", new[] { rate, now.UpdatesWait is null ? null : "updates wait" }.OfType<string>());
        return both.Length == 0 ? "" : $" Meanwhile {both}.";
    }
}
