using EdgeFleet.Agent.Power;
using EdgeFleet.Agent.Tests.Inference;
using EdgeFleet.Testing.Boards;
using EdgeFleet.Testing.Packages;
using Microsoft.Extensions.Time.Testing;

namespace EdgeFleet.Agent.Tests.Power;

public sealed class EnergyTests : IDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);
    private static readonly PowerSensor Ina = new("ina3221 VDD_IN", PowerMethod.Trapezoid, 0.04, TimeSpan.Zero);
    private readonly FakeTimeProvider _time = new();
    private readonly IdleBaseline _idle;
    private readonly EnergySampler _sampler;

    public EnergyTests()
    {
        _idle = new IdleBaseline(_time);
        _sampler = new EnergySampler(_time, _idle);
    }

    public void Dispose() => _sampler.Dispose();

    [Fact]
    public void Power_is_integrated_by_trapezoid_between_the_times_of_the_readings()
    {
        var meter = Use(Ina);
        meter.Value = 2;
        _sampler.Tick(isIdle: false);
        _time.Advance(TimeSpan.FromMilliseconds(100));
        meter.Value = 4;
        _sampler.Tick(isIdle: false);
        _time.Advance(TimeSpan.FromMilliseconds(300));
        meter.Value = 6;
        _sampler.Tick(isIdle: false);

        var totals = _sampler.Totals;
        Assert.Equal(0.3 + 1.5, totals.Joules, 1e-9);
        Assert.Equal((0.4, 2L, 6.0), (Math.Round(totals.Seconds, 9), totals.Readings, _sampler.Watts!.Value));
    }

    [Fact]
    public void No_trapezoid_is_laid_over_a_silence_but_a_counter_counts_through_it()
    {
        var meter = Use(Ina);
        Run(meter, seconds: 1, watts: 5);
        meter.IsSilent = true;
        Run(meter, seconds: 3, watts: 5);
        Assert.NotNull(_sampler.Failing);
        meter.IsSilent = false;
        Run(meter, seconds: 1, watts: 5);
        Assert.Equal(2.0 - 0.2, _sampler.Totals.Seconds, 0.11);

        var counter = Use(new PowerSensor("rapl", PowerMethod.Counter, 0.05, TimeSpan.Zero));
        var before = _sampler.Totals;
        _sampler.Tick(isIdle: false);
        _time.Advance(TimeSpan.FromSeconds(20));
        counter.Value = 140;
        _sampler.Tick(isIdle: false);
        Assert.Equal((140, 20, 7), (_sampler.Totals.Since(before).Joules, _sampler.Totals.Since(before).Seconds, _sampler.Watts!.Value));
    }

    [Fact]
    public void A_tick_over_real_files_allocates_nothing()
    {
        using var board = FakeBoard.Orin(watts: 6);
        var sampler = new EnergySampler(TimeProvider.System, new IdleBaseline(TimeProvider.System));
        sampler.Use(Ina3221.Find(new BoardRoot(board.Root)), TimeSpan.FromHours(1));
        sampler.Tick(isIdle: true);
        sampler.Tick(isIdle: true);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
            sampler.Tick(isIdle: true);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(101, sampler.Totals.Readings);
        sampler.Dispose();
    }

    [Fact]
    public void Idle_power_is_the_median_of_ten_seconds_of_gaps_and_no_less()
    {
        var meter = Use(Ina);
        Run(meter, seconds: 9.5, watts: 3, isIdle: true);
        Assert.Null(_idle.Measure(0.04));
        Run(meter, seconds: 5, watts: 9);
        Run(meter, seconds: 1, watts: 3, isIdle: true);
        Assert.Equal(3, _idle.Measure(0.04)!.Value.Watts, 1e-9);
        Assert.InRange(_idle.Measure(0.04)!.Value.SigmaWatts, 0.04 / Math.Sqrt(12), 0.2);
        _time.Advance(TimeSpan.FromMinutes(11));
        Assert.Null(_idle.Measure(0.04));
    }

    [Fact]
    public void Idle_power_under_another_mode_clock_or_temperature_is_forgotten()
    {
        var conditions = new IdleConditions("15W", 1510, 50);
        foreach (var (other, holds) in new[]
        {
            (conditions with { Celsius = 54 }, true), (conditions with { Celsius = 56 }, false), (conditions with { Celsius = null }, true),
            (conditions with { Mode = "MAXN" }, false), (conditions with { LimitMhz = 729 }, false),
        })
        {
            var meter = Use(Ina);
            _idle.Note(conditions);
            Run(meter, seconds: 12, watts: 3, isIdle: true);
            _idle.Note(other);
            Assert.Equal(holds, _idle.Measure(0.04) is not null);
        }
    }

    [Fact]
    public void Gross_net_and_their_uncertainty_follow_the_formulas()
    {
        // 60 s at 10 Hz, half the readings 4 W and half 6 W: 300 J, scatter about 1 W; idle 3 W within 0.1 W; 600 inferences.
        var measured = new PowerTotals(300, 60, 600, 3000, (300 * 16) + (300 * 36), 1);
        var window = EnergyMath.Judge(new EnergyFacts(measured, 60, 600, 1, new IdlePower(3, 0.1), Ina, "15W"), out var why)!;

        Assert.Null(why);
        var energyVariance = ((600.0 / 599) + (0.04 * 0.04 / 12)) * 60 / 10;
        Assert.Equal(0.5, window.GrossJ, 1e-9);
        Assert.Equal((300 - (3 * 60)) / 600.0, window.NetJ!.Value, 1e-9);
        Assert.Equal(Math.Sqrt(energyVariance) / 600, window.GrossSigmaJ, 1e-9);
        Assert.Equal(Math.Sqrt(energyVariance + Math.Pow(60 * 0.1, 2)) / 600, window.NetSigmaJ!.Value, 1e-9);
        Assert.Equal((600, 60, 10, 1, "ina3221 VDD_IN", "15W"), (window.Inferences, window.Seconds, window.Hz, window.Share, window.Sensor, window.Mode));
    }

    [Theory]
    [InlineData(0, 600, 60.0, 60.0, "Nothing was inferred")]
    [InlineData(5, 9, 0.9, 0.9, "9 readings")]
    [InlineData(5, 500, 50.0, 60.0, "silent for 10")]
    [InlineData(5, 575, 57.5, 60.0, null)]
    [InlineData(5, 10, 1.0, 1.2, null)]
    public void A_window_with_too_little_in_it_has_no_value_but_a_reason(long inferences, long readings, double seconds, double window, string? reason)
    {
        var measured = new PowerTotals(5 * seconds, seconds, readings, 5 * readings, 25 * readings, 1);
        var value = EnergyMath.Judge(new EnergyFacts(measured, window, inferences, 1, null, Ina, null), out var why);
        Assert.Equal(reason is null, value is not null);
        Assert.Null(value?.NetJ);
        if (reason is not null)
            Assert.Contains(reason, why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(123_456, 3, 123_000)]
    [InlineData(123_456, 2, 120_000)]
    [InlineData(999_600, 3, 1_000_000)]
    [InlineData(-45_678, 3, -45_700)]
    [InlineData(12.4, 3, 12)]
    [InlineData(0, 3, 0)]
    public void An_energy_is_told_by_its_first_digits(double value, int digits, long told) => Assert.Equal(told, EnergyMath.Rounded(value, digits));

    [Fact]
    public async Task Windows_of_a_slot_get_the_energy_between_them_and_not_what_was_before()
    {
        await using var bench = new SlotBench(time: _time);
        var meter = Use(Ina);
        var board = new PowerBoard(_time);
        var energy = new EnergyMeter(_sampler, _idle, new SlotActivity([bench.Host]), board, _time);
        Run(meter, seconds: 30, watts: 50);
        Assert.Null(energy.Cut(bench.Host.Slot, 1000));

        Run(meter, seconds: 12, watts: 4, isIdle: true);
        Run(meter, seconds: 48, watts: 6.5);
        var window = energy.Cut(bench.Host.Slot, 120)!;
        Assert.Equal(6 * 60 / 120.0, window.GrossJ, 0.1);
        Assert.Equal((6 - 4) * 60 / 120.0, window.NetJ!.Value, 0.1);
        Assert.Equal(1, window.Share);
        Assert.Same(window, board.Now.Energy[bench.Host.Slot].Window);

        Run(meter, seconds: 60, watts: 6);
        _sampler.Use(new ScriptedMeter(Ina), Tick);
        Run(meter, seconds: 2, watts: 6);
        Assert.Null(energy.Cut(bench.Host.Slot, 120));
        Assert.Contains("Another sensor", board.Now.Energy[bench.Host.Slot].Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_gaps_without_any_inference_are_idle()
    {
        await using var bench = new SlotBench(time: _time);
        var activity = new SlotActivity([bench.Host]);
        Assert.False(activity.IsIdleSinceLast());
        Assert.False(activity.IsIdleSinceLast());
        var model = await bench.LoadAsync(TestPackageSpec.Colours());
        await bench.Host.SwapAsync(model, TestContext.Current.CancellationToken);
        Assert.False(activity.IsIdleSinceLast());
        Assert.True(activity.IsIdleSinceLast());

        bench.Host.Lease.Acquire();
        Assert.False(activity.IsIdleSinceLast());
        bench.Host.Lease.Release();
        Assert.False(activity.IsIdleSinceLast());
        Assert.True(activity.IsIdleSinceLast());
    }

    private ScriptedMeter Use(PowerSensor sensor)
    {
        var meter = new ScriptedMeter(sensor);
        _sampler.Use(meter, Tick);
        return meter;
    }

    private void Run(ScriptedMeter meter, double seconds, double watts, bool isIdle = false)
    {
        meter.Value = watts;
        for (var i = 0; i < Math.Round(seconds * 10); i++)
        {
            _time.Advance(Tick);
            _sampler.Tick(isIdle);
        }
    }

    private sealed class ScriptedMeter(PowerSensor sensor) : IPowerMeter
    {
        public PowerSensor Sensor => sensor;

        public string? Fault => IsSilent ? "Silent." : null;

        public double Value { get; set; }

        public bool IsSilent { get; set; }

        public bool TryRead(out double value)
        {
            value = Value;
            return !IsSilent;
        }

        public void Dispose()
        {
        }
    }
}
