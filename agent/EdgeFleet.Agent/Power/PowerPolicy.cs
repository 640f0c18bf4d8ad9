namespace EdgeFleet.Agent.Power;

/// <summary>What the policy is told. Null: not known.</summary>
/// <param name="Now">Monotonic time.</param>
/// <param name="Hottest">The hottest place of the board.</param>
/// <param name="Throttled">Words of <see cref="Throttling"/> that hold now.</param>
/// <param name="Battery">Battery.</param>
internal sealed record PowerFacts(TimeSpan Now, Temperature? Hottest, IReadOnlyList<string> Throttled, Battery? Battery);

/// <summary>A condition that comes and goes late, so that it does not flutter.</summary>
/// <param name="Holds">It counts as holding.</param>
/// <param name="Against">Since when what is seen speaks against <paramref name="Holds"/>; null while it does not.</param>
internal sealed record Latch(bool Holds, TimeSpan? Against)
{
    /// <summary>It does not hold.</summary>
    public static readonly Latch Off = new(false, null);

    /// <summary>After another look.</summary>
    /// <param name="seen">True: it is so. False: it is not. Null: between the bounds, nothing changes.</param>
    /// <param name="now">Monotonic time.</param>
    /// <param name="raise">For how long it must be seen before it holds.</param>
    /// <param name="clear">For how long it must be gone before it no longer holds.</param>
    public Latch Next(bool? seen, TimeSpan now, TimeSpan raise, TimeSpan clear)
    {
        if (seen is not { } isSo || isSo == Holds)
            return Against is null ? this : this with { Against = null };

        var since = Against ?? now;
        return now - since >= (isSo ? raise : clear) ? new Latch(isSo, null) : this with { Against = since };
    }
}

/// <summary>How the board stands, and what it does about it.</summary>
internal sealed record PowerStance(Latch Hot, Latch Throttled, Latch LowBattery)
{
    /// <summary>All is well.</summary>
    public static readonly PowerStance Well = new(Latch.Off, Latch.Off, Latch.Off);

    /// <summary>True while any of it holds.</summary>
    public bool IsStrained => Hot.Holds || Throttled.Holds || LowBattery.Holds;
}

/// <summary>Decides from heat, throttling and battery how the board shall stand. Pure.</summary>
internal static class PowerPolicy
{
    /// <summary>The stance after another look. What is not known speaks against nothing that is well, and for what is not: a lost sensor must not slow a board for ever.</summary>
    public static PowerStance Decide(PowerStance before, PowerFacts facts, PowerOptions options)
    {
        var (raise, clear) = (TimeSpan.FromSeconds(options.RaiseSeconds), TimeSpan.FromSeconds(options.ClearSeconds));
        return new PowerStance(
            before.Hot.Next(IsHot(facts.Hottest, options), facts.Now, raise, clear),
            before.Throttled.Next(facts.Throttled.Count > 0, facts.Now, raise, clear),
            before.LowBattery.Next(IsLow(facts.Battery, options), facts.Now, raise, clear));
    }

    /// <summary>Factor on the slots' rates.</summary>
    public static double RateFactor(PowerStance stance, PowerOptions options) => stance.IsStrained ? options.RateFactor : 1;

    /// <summary>Why updates wait, in a sentence; null when they do not.</summary>
    public static string? WhyUpdatesWait(PowerStance stance, PowerOptions options) => options.HoldUpdates && stance.IsStrained
        ? $"The board is {Reasons(stance)}; the update goes on by itself when that is over."
        : null;

    /// <summary>What strains the board, for example <c>too hot and throttled</c>.</summary>
    public static string Reasons(PowerStance stance) => string.Join(
        " and ",
        new[] { (stance.Hot, Word: "too hot"), (stance.Throttled, Word: "throttled"), (stance.LowBattery, Word: "low on battery") }.Where(r => r.Item1.Holds).Select(r => r.Word));

    private static bool? IsHot(Temperature? hottest, PowerOptions options) => hottest?.Celsius switch
    {
        null => false,
        var celsius when celsius >= options.HotCelsius => true,
        var celsius when celsius < options.CoolCelsius => false,
        _ => null,
    };

    private static bool? IsLow(Battery? battery, PowerOptions options) => battery switch
    {
        null or { IsDischarging: false } => false,
        { Percent: var percent } when percent <= options.BatteryLowPercent => true,
        { Percent: var percent } when percent >= options.BatteryOkPercent => false,
        _ => null,
    };
}
