using EdgeFleet.Agent.Power;
using EdgeFleet.Testing;
using EdgeFleet.Testing.Boards;

namespace EdgeFleet.Agent.Tests.Power;

public sealed class MeterFinderTests : IDisposable
{
    private const string Pmic = """
         3V7_WL_SW_A current(0)=0.10000000A
           VDD_CORE_A current(7)=1.50000000A
              HDMI_A current(22)=0.02000000A
         3V7_WL_SW_V volt(8)=3.70000000V
           VDD_CORE_V volt(15)=0.80000000V
             EXT5V_V volt(24)=5.12914000V
              BATT_V volt(25)=0.00000000V
        """;

    private readonly FakeBoard _board = new();

    public void Dispose() => _board.Dispose();

    [Fact]
    public void A_board_without_a_sensor_says_so()
    {
        var found = Find();
        Assert.Null(found.Meter);
        Assert.Equal("This device has no power sensor.", found.Unavailable);
        Assert.Contains("switched off", Find("none").Unavailable, StringComparison.Ordinal);
        Assert.Contains("'ina226'", Find("ina226").Unavailable, StringComparison.Ordinal);
    }

    [Fact]
    public void Packages_of_a_processor_are_counted_once_and_their_cores_not_again()
    {
        Assert.SkipWhen(RealData.Folder is null, RealData.Absent);
        Ttar.Unpack(Path.Combine(RealData.Folder!, "device-fixtures/sysfs-node-exporter/sys.ttar"), _board.Root);
        using var meter = Find().Meter!;
        Assert.Equal(("rapl package-0", PowerMethod.Counter), (meter.Sensor.Name, meter.Sensor.Method));
        Assert.True(meter.TryRead(out var first));

        // From 240422.4 J over the end at 262143.3 J to 5 J.
        _board.Number("sys/class/powercap/intel-rapl:0/energy_uj", 5_000_000);
        _board.Number("sys/class/powercap/intel-rapl:0:0/energy_uj", 999_000_000);
        Assert.True(meter.TryRead(out var second));
        Assert.Equal(0, first);
        Assert.Equal((262143328850 - 240422366267 + 5_000_000) / 1e6, second, 1e-6);
    }

    [Fact]
    public void Packages_seen_a_second_time_over_mmio_and_psys_are_left_out()
    {
        Zone("intel-rapl:0", "package-0", 1_000_000);
        Zone("intel-rapl:1", "package-1", 2_000_000);
        Zone("intel-rapl:2", "psys", 3_000_000);
        Zone("intel-rapl:0:0", "dram", 4_000_000);
        Zone("intel-rapl-mmio:0", "package-0", 1_000_000);
        using var meter = Find().Meter!;
        Assert.Equal("rapl package-0+package-1", meter.Sensor.Name);
        using var whole = Find("psys").Meter!;
        Assert.Equal("rapl psys", whole.Sensor.Name);
    }

    [Fact]
    public void Counters_that_only_root_may_read_are_unavailable_and_the_remedy_is_named()
    {
        Zone("intel-rapl:0", "package-0", 1);
        // To root nothing is forbidden; opening a folder as a file is refused in the same way.
        _board.Remove("sys/class/powercap/intel-rapl:0/energy_uj");
        Directory.CreateDirectory(_board.PathOf("sys/class/powercap/intel-rapl:0/energy_uj"));
        var found = Find();
        Assert.Null(found.Meter);
        Assert.Contains("udev", found.Unavailable, StringComparison.Ordinal);
        Assert.Contains("denied", found.Unavailable, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(10, 25, 100, 15)]
    [InlineData(90, 5, 100, 15)]
    [InlineData(90, 5, 0, 0)]
    public void A_counter_goes_on_over_its_end_and_a_reset_one_adds_nothing(long before, long now, long range, long expected) =>
        Assert.Equal(expected, EnergyCounter.DifferenceUj(before, now, range));

    [Fact]
    public void A_chip_on_the_supply_is_read_in_the_kernels_units()
    {
        Assert.SkipWhen(RealData.Folder is null, RealData.Absent);
        // The INA219 that a user recorded: in1 4228 mV, curr1 -40 mA, power1 176000 µW.
        var lines = System.Text.Json.JsonDocument.Parse(
            File.ReadLines(Path.Combine(RealData.Folder!, "device-fixtures/raspberry-pi/vcgencmd_lines.jsonl")).Single(l => l.Contains("INA219", StringComparison.Ordinal)))
            .RootElement.GetProperty("lines").EnumerateArray().Select(l => l.GetString()!.Split(' '));
        _board.Text("sys/class/hwmon/hwmon7/name", "ina219");
        foreach (var line in lines)
            _board.Text($"sys/class/hwmon/hwmon7/{line[0]}", line[1]);
        using var meter = Find().Meter!;
        Assert.True(meter.TryRead(out var watts));
        Assert.Equal(("ina219 power1", 0.176, 0.01), (meter.Sensor.Name, watts, meter.Sensor.Resolution));
    }

    [Fact]
    public void A_chip_without_a_power_file_is_read_by_voltage_and_current_and_an_energy_file_is_counted()
    {
        _board.Text("sys/class/hwmon/hwmon0/name", "mychip");
        _board.Number("sys/class/hwmon/hwmon0/in1_input", 12_000);
        _board.Number("sys/class/hwmon/hwmon0/curr1_input", 500);
        _board.Text("sys/class/hwmon/hwmon0/curr1_label", "Supply");
        Assert.Null(Find().Meter);
        using (var meter = Find("mychip").Meter!)
        {
            Assert.True(meter.TryRead(out var watts));
            Assert.Equal(("mychip Supply", 6.0), (meter.Sensor.Name, watts));
        }

        _board.Number("sys/class/hwmon/hwmon0/energy1_input", 1_500_000);
        using var counter = Find("mychip").Meter!;
        Assert.True(counter.TryRead(out _));
        _board.Number("sys/class/hwmon/hwmon0/energy1_input", 4_000_000);
        Assert.True(counter.TryRead(out var joules));
        Assert.Equal((PowerMethod.Counter, 2.5), (counter.Sensor.Method, joules));
    }

    [Fact]
    public void Of_several_chips_none_is_taken_unnamed()
    {
        foreach (var (n, name) in new[] { (0, "ina226"), (1, "ina260") })
        {
            _board.Text($"sys/class/hwmon/hwmon{n}/name", name);
            _board.Number($"sys/class/hwmon/hwmon{n}/power1_input", 1_000_000);
        }

        Assert.Contains("ina226, ina260", Find().Unavailable, StringComparison.Ordinal);
        using var named = Find("ina260").Meter!;
        Assert.True(named.TryRead(out var watts));
        Assert.Equal(1, watts);
    }

    [Fact]
    public void A_Pi_5_is_estimated_from_the_rails_that_have_voltage_and_current()
    {
        _board.Text("proc/device-tree/compatible", "raspberrypi,5-model-b\0brcm,bcm2712\0");
        Assert.Contains("raspi-utils", Find().Unavailable, StringComparison.Ordinal);
        _board.Program("vcgencmd", $"cat <<'E'\n{Pmic}\nE");
        using var meter = Find().Meter!;
        Assert.True(meter.TryRead(out var watts));
        Assert.Equal((1.1451 * ((0.1 * 3.7) + (1.5 * 0.8))) + 0.5879, watts, 1e-9);
        Assert.Equal((PowerMethod.Model, 1.0), (meter.Sensor.Method, meter.Sensor.PeriodMin.TotalSeconds));
    }

    [Fact]
    public void A_program_that_fails_or_floods_gives_no_reading()
    {
        _board.Text("proc/device-tree/compatible", "raspberrypi,5-model-b\0brcm,bcm2712\0");
        _board.Program("vcgencmd", "exit 1");
        Assert.Contains("gave no rails", Find().Unavailable, StringComparison.Ordinal);
        _board.Program("vcgencmd", "yes");
        Assert.Contains("gave no rails", Find().Unavailable, StringComparison.Ordinal);
    }

    [Fact]
    public void A_program_that_hangs_is_ended()
    {
        _board.Program("nvpmodel", "sleep 600");
        Assert.Null(NvPowerMode.Read(new BoardRoot(_board.Root)));
    }

    [Fact]
    public void An_older_Pi_measures_no_current_and_says_so()
    {
        _board.Text("proc/device-tree/compatible", "raspberrypi,4-model-b\0brcm,bcm2711\0");
        Assert.Contains("measures no current", Find().Unavailable, StringComparison.Ordinal);
    }

    private MeterFound Find(string sensor = "auto") => MeterFinder.Find(new BoardRoot(_board.Root), sensor);

    private void Zone(string folder, string name, long energy)
    {
        _board.Text($"sys/class/powercap/{folder}/name", name);
        _board.Number($"sys/class/powercap/{folder}/energy_uj", energy);
        _board.Number($"sys/class/powercap/{folder}/max_energy_range_uj", 262_143_328_850);
    }
}
