using EdgeFleet.Agent.Power;
using EdgeFleet.Shared.Messages;

namespace EdgeFleet.Agent.Tests.Power;

public sealed class PowerPolicyTests
{
    private static readonly PowerOptions Options = new();
    private PowerStance _stance = PowerStance.Well;
    private double _now;

    [Fact]
    public void A_board_is_hot_from_the_upper_bound_until_it_was_below_the_lower_one_for_a_while()
    {
        Look(81);
        Assert.False(_stance.Hot.Holds);
        Look(81, after: 5);
        Assert.True(_stance.Hot.Holds);
        Assert.Equal(0.5, PowerPolicy.RateFactor(_stance, Options));
        Look(75, after: 600);
        Assert.True(_stance.Hot.Holds);
        Look(71, after: 5);
        Look(71, after: 59);
        Assert.True(_stance.Hot.Holds);
        Look(71, after: 1);
        Assert.False(_stance.IsStrained);
        Assert.Equal(1, PowerPolicy.RateFactor(_stance, Options));
    }

    [Fact]
    public void A_single_reading_neither_raises_nor_clears()
    {
        Look(95);
        Look(60, after: 4);
        Look(95, after: 4);
        Assert.False(_stance.Hot.Holds);
        Look(95, after: 5);
        Assert.True(_stance.Hot.Holds);
        Look(60, after: 50);
        Look(90, after: 20);
        Look(60, after: 50);
        Assert.True(_stance.Hot.Holds);
    }

    [Fact]
    public void A_lost_thermometer_does_not_slow_a_board_for_ever_nor_at_once()
    {
        Look(95);
        Look(95, after: 5);
        Look(null, after: 5);
        Assert.True(_stance.Hot.Holds);
        Look(null, after: 60);
        Assert.False(_stance.Hot.Holds);
    }

    [Fact]
    public void A_battery_is_low_only_while_the_board_lives_on_it()
    {
        LookAtBattery(new Battery(15, "Charging", null));
        Assert.False(_stance.LowBattery.Holds);
        LookAtBattery(new Battery(20, "Discharging", null));
        Assert.True(_stance.LowBattery.Holds);
        LookAtBattery(new Battery(25, "Discharging", null));
        Assert.True(_stance.LowBattery.Holds);
        LookAtBattery(new Battery(25, "Charging", null));
        Assert.False(_stance.LowBattery.Holds);
        LookAtBattery(new Battery(20, "Discharging", null));
        LookAtBattery(new Battery(30, "Discharging", null));
        Assert.False(_stance.LowBattery.Holds);
    }

    [Fact]
    public void Why_updates_wait_names_every_strain_and_holding_can_be_switched_off()
    {
        _stance = new PowerStance(new Latch(true, null), new Latch(true, null), Latch.Off);
        Assert.Equal("The board is too hot and throttled; the update goes on by itself when that is over.", PowerPolicy.WhyUpdatesWait(_stance, Options));
        Assert.Null(PowerPolicy.WhyUpdatesWait(_stance, Options with { HoldUpdates = false }));
        Assert.Null(PowerPolicy.WhyUpdatesWait(PowerStance.Well, Options));
    }

    [Fact]
    public void A_report_is_sent_for_words_at_once_and_for_numbers_only_when_they_moved_and_some_time_has_passed()
    {
        var told = new ReportedPower { Sensor = "ina3221 VDD_IN", Mode = "15W", Celsius = 50, Hottest = "tj", BatteryPercent = 80 };
        var (soon, later) = (TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(15));
        Assert.False(PowerReport.IsWorthSending(told, told with { Celsius = 70 }, soon));
        Assert.True(PowerReport.IsWorthSending(told, told with { Celsius = 55 }, later));
        Assert.False(PowerReport.IsWorthSending(told, told with { Celsius = 54, Hottest = "cpu", BatteryPercent = 76 }, later));
        Assert.True(PowerReport.IsWorthSending(told, told with { BatteryPercent = 75 }, later));
        Assert.True(PowerReport.IsWorthSending(told, told with { Throttled = ["under-voltage"] }, soon));
        Assert.True(PowerReport.IsWorthSending(told, told with { Mode = "MAXN" }, soon));
        Assert.True(PowerReport.IsWorthSending(told, told with { Sensor = null, Unavailable = "Gone." }, soon));
        Assert.False(PowerReport.IsWorthSending(null, told, later));
    }

    private void Look(double? celsius, double after = 0)
    {
        _now += after;
        _stance = PowerPolicy.Decide(
            _stance, new PowerFacts(TimeSpan.FromSeconds(_now), celsius is { } c ? new Temperature("tj", c) : null, [], null), Options);
    }

    private void LookAtBattery(Battery battery)
    {
        // Two looks with more than both delays between them.
        for (var i = 0; i < 2; i++)
        {
            _now += 60;
            _stance = PowerPolicy.Decide(_stance, new PowerFacts(TimeSpan.FromSeconds(_now), null, [], battery), Options);
        }
    }
}
