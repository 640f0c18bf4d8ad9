using System.Text.Json;
using EdgeFleet.Agent.Power;
using EdgeFleet.Testing;
using EdgeFleet.Testing.Boards;
using Microsoft.Extensions.Time.Testing;

namespace EdgeFleet.Agent.Tests.Power;

public sealed class BoardReaderTests : IDisposable
{
    private readonly FakeBoard _board = new();

    public void Dispose() => _board.Dispose();

    [Fact]
    public void A_whole_tree_of_a_machine_is_read()
    {
        Assert.SkipWhen(RealData.Folder is null, RealData.Absent);
        Ttar.Unpack(Path.Combine(RealData.Folder!, "device-fixtures/sysfs-node-exporter/sys.ttar"), _board.Root);
        var now = Read(_board);

        Assert.Equal([new Temperature("cpu-thermal", 12.376)], now.Temperatures);
        Assert.Equal(new Battery(81, "Discharging", 5.002), now.Battery);
        Assert.Equal(("powersave", 4200, "powersave"), (now.Cpu.Governor, now.Cpu.LimitMhz, now.Mode));
        Assert.Null(now.Throttled); // Nothing in this tree tells of it, which is not the same as none.
        Assert.Null(now.Gpu);
    }

    [Fact]
    public void Without_thermal_zones_the_hwmon_sensors_are_read_and_those_that_fail_left_out()
    {
        Assert.SkipWhen(RealData.Folder is null, RealData.Absent);
        Ttar.Unpack(Path.Combine(RealData.Folder!, "device-fixtures/sysfs-node-exporter/sys.ttar"), _board.Root);
        _board.Remove("sys/class/thermal");
        using var zones = ThermalZones.Find(new BoardRoot(_board.Root));
        var names = zones.Read().Select(t => t.Name).ToList();
        Assert.Contains("coretemp Physical id 0", names);
        _board.Failing("sys/devices/platform/coretemp.0/hwmon/hwmon0/temp1_input");
        using var again = ThermalZones.Find(new BoardRoot(_board.Root));
        // Two processors have a sensor of this name each.
        names.Remove("coretemp Physical id 0");
        Assert.Equal(names, again.Read().Select(t => t.Name));
    }

    [Fact]
    public void An_Orin_is_read_whole_and_a_zone_that_is_off_is_left_out()
    {
        using var orin = FakeBoard.Orin(celsius: 51);
        orin.Failing("sys/class/thermal/thermal_zone0/temp");
        orin.Zone(4, "PMIC-Die", 100);
        orin.Text("sys/class/devfreq/17000000.gpu/device/of_node/name", "gpu");
        orin.Number("sys/class/devfreq/17000000.gpu/device/load", 630);
        orin.Number("sys/class/devfreq/17000000.gpu/cur_freq", 621_000_000);
        var now = Read(orin);

        Assert.Equal([new Temperature("tj-thermal", 51)], now.Temperatures);
        Assert.Equal(("15W", "Jetson Orin NX or Nano (p3767-0005)"), (now.Mode, now.Module));
        Assert.Equal(new Gpu(63, 621), now.Gpu);
        Assert.Equal(new CpuClocks(729, 1510, "schedutil"), now.Cpu);
    }

    [Fact]
    public void What_a_Pi_says_of_throttling_is_read_bit_by_bit()
    {
        Assert.SkipWhen(RealData.Folder is null, RealData.Absent);
        var seen = 0;
        foreach (var json in File.ReadLines(Path.Combine(RealData.Folder!, "device-fixtures/raspberry-pi/vcgencmd_lines.jsonl")).Select(l => JsonDocument.Parse(l).RootElement))
        {
            var facts = json.GetProperty("facts");
            foreach (var line in json.GetProperty("lines").EnumerateArray().Select(l => l.GetString()!).Where(l => l.StartsWith("throttled=", StringComparison.Ordinal)))
            {
                var (now, before) = Throttling.OfPi(line + "\n")!.Value;
                Check(facts, "under_voltage_now", now, Throttling.UnderVoltage);
                Check(facts, "throttled_now", now, "throttled");
                Check(facts, "soft_temp_limit_now", now, "soft-temperature-limit");
                Check(facts, "under_voltage_since_boot", before, Throttling.UnderVoltage);
                Check(facts, "throttled_since_boot", before, "throttled");
                Check(facts, "soft_temp_limit_since_boot", before, "soft-temperature-limit");
                seen++;
            }
        }

        Assert.Equal(4, seen);
        Assert.Null(Throttling.OfPi("temp=39.2'C"));
        Assert.Null(Throttling.OfPi("error=1 error_msg=\"Command not registered\""));
    }

    [Fact]
    public void A_Pi_that_throttles_is_seen_through_its_program()
    {
        _board.Program("vcgencmd", "[ \"$1\" = get_throttled ] && echo throttled=0x50005");
        var now = Read(_board);
        Assert.Equal([Throttling.UnderVoltage, "throttled"], now.Throttled);
        Assert.Equal([Throttling.UnderVoltage, "throttled"], now.ThrottledBefore);
    }

    [Fact]
    public void A_mouse_battery_is_not_the_boards()
    {
        _board.Battery(50);
        _board.Text("sys/class/power_supply/BAT0/scope", "Device");
        Assert.Null(Read(_board).Battery);
    }

    [Theory]
    [InlineData("NV Power Mode: MAXN\n0\n", "MAXN")]
    [InlineData("NVPM WARN: fan mode is not set!\nNV Power Mode: MODE_15W_6CORE\n2\n", "MODE_15W_6CORE")]
    [InlineData("usage\n", null)]
    public void The_power_mode_is_found_in_what_nvpmodel_prints(string text, string? mode) => Assert.Equal(mode, NvPowerMode.Parse(text));

    [Theory]
    [InlineData("nvidia,p3701-0005", "Jetson AGX Orin (p3701-0005)")]
    [InlineData("nvidia,p3834-0008", "Jetson Thor (p3834-0008)")]
    [InlineData("nvidia,jetson-nano;nvidia,tegra210", "nvidia,jetson-nano")]
    [InlineData("", null)]
    public void A_module_is_named_by_its_device_tree(string compatible, string? name) =>
        Assert.Equal(name, ModuleId.Name(compatible.Split(';', StringSplitOptions.RemoveEmptyEntries)));

    private static void Check(JsonElement facts, string fact, IReadOnlyList<string> words, string word)
    {
        if (facts.TryGetProperty(fact, out var expected))
            Assert.Equal(expected.GetBoolean(), words.Contains(word));
    }

    private static PowerNow Read(FakeBoard board)
    {
        using var reader = new BoardReader(new BoardRoot(board.Root), new FakeTimeProvider());
        return reader.Read(new PowerNow());
    }
}
