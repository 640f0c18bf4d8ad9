using System.Text.Json;
using System.Text.RegularExpressions;
using EdgeFleet.Agent.Power;
using EdgeFleet.Testing;
using EdgeFleet.Testing.Boards;

namespace EdgeFleet.Agent.Tests.Power;

public sealed partial class Ina3221Tests : IDisposable
{
    private readonly FakeBoard _board = new();

    public void Dispose() => _board.Dispose();

    [Fact]
    public void The_input_rail_alone_is_the_total_whatever_number_the_chip_has()
    {
        using var orin = FakeBoard.Orin(watts: 7.5);
        using var meter = Ina3221.Find(new BoardRoot(orin.Root))!;

        Assert.True(meter.TryRead(out var watts));
        Assert.Equal(7.5, watts, 0.001);
        Assert.Equal("ina3221 VDD_IN", meter.Sensor.Name);
        // 40 µV over 5 mΩ are 8 mA, at 5 V 40 mW.
        Assert.Equal(0.04, meter.Sensor.Resolution, 1e-6);
    }

    [Fact]
    public void A_chip_that_comes_back_under_another_number_is_found_again()
    {
        using var orin = FakeBoard.Orin(watts: 5);
        using var meter = Ina3221.Find(new BoardRoot(orin.Root))!;
        Assert.True(meter.TryRead(out _));
        orin.Renumber(watts: 9);

        using var again = Ina3221.Find(new BoardRoot(orin.Root))!;
        Assert.True(again.TryRead(out var watts));
        Assert.Equal(9, watts, 0.01);
    }

    [Fact]
    public void A_rail_that_cannot_be_read_makes_a_sum_no_reading_and_is_named()
    {
        Chip("1-0041", hwmon: true, ("VDD_GPU_SOC", 2340), ("VDD_CPU_CV", 390), ("VDDQ", 301));
        _board.Failing("sys/bus/i2c/devices/1-0041/hwmon/hwmon2/in3_input");
        using var meter = Ina3221.Find(new BoardRoot(_board.Root))!;

        Assert.False(meter.TryRead(out _));
        Assert.Contains("VDDQ", meter.Fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_name_on_any_channel_there_is_no_sensor_and_no_guess()
    {
        Assert.SkipWhen(RealData.Folder is null, RealData.Absent);
        var (files, failing) = ReadDump();
        foreach (var (path, text) in files)
            _board.Text(path, text);
        failing.ForEach(_board.Failing);
        Assert.Equal("ina3221", BoardRoot.Text(_board.PathOf("sys/bus/i2c/devices/1-0041/name")));
        Assert.Equal(2, failing.Count);

        Assert.Null(Ina3221.Find(new BoardRoot(_board.Root)));
        Assert.Equal("This device has no power sensor.", MeterFinder.Find(new BoardRoot(_board.Root), "auto").Unavailable);
        Assert.False(Ina3221.IsOverCurrent(new BoardRoot(_board.Root)));
    }

    [Fact]
    public void The_alarm_of_a_rail_is_over_current()
    {
        using var orin = FakeBoard.Orin();
        Assert.False(Ina3221.IsOverCurrent(new BoardRoot(orin.Root)));
        orin.Number($"{orin.InaHwmon}/curr2_crit_alarm", 1);
        Assert.True(Ina3221.IsOverCurrent(new BoardRoot(orin.Root)));
    }

    public static TheoryData<string> TegrastatsBoards() => RealData.Folder is null
        ? ["absent"]
        : [.. Lines().Where(l => RailsOf(l.Line).Count > 0).Select(l => l.Board).Distinct()];

    [Theory, MemberData(nameof(TegrastatsBoards))]
    public void Rails_of_real_boards_give_the_total_that_tegrastats_gives(string board)
    {
        Assert.SkipWhen(RealData.Folder is null, RealData.Absent);
        foreach (var line in Lines().Where(l => l.Board == board))
        {
            using var fake = new FakeBoard();
            var rails = RailsOf(line.Line);
            // Before JetPack 5 the chips stood under iio.
            var isOld = !line.Line.Contains("mW", StringComparison.Ordinal);
            foreach (var (chunk, i) in rails.Chunk(3).Select((c, i) => (c, i)))
                Chip(fake, $"{i}-004{i}", !isOld, chunk);
            using var meter = Ina3221.Find(new BoardRoot(fake.Root))!;

            Assert.True(meter.TryRead(out var watts));
            var expected = line.TotalMw ?? rails.Where(r => r.Name != "NC").Sum(r => r.Milliwatts);
            Assert.Equal(expected / 1000.0, watts, 0.001);
            Assert.DoesNotContain("NC", meter.Sensor.Name, StringComparison.Ordinal);
            Assert.Equal(line.TotalMw is null, meter.Sensor.Name.Contains('+', StringComparison.Ordinal));
        }
    }

    private void Chip(string address, bool hwmon, params (string Name, long Milliwatts)[] rails) => Chip(_board, address, hwmon, rails);

    private static void Chip(FakeBoard board, string address, bool hwmon, params (string Name, long Milliwatts)[] rails)
    {
        board.Text($"sys/bus/i2c/devices/{address}/name", hwmon ? "ina3221" : "ina3221x");
        foreach (var (rail, i) in rails.Select((r, i) => (r, i)))
        {
            if (hwmon)
            {
                var folder = $"sys/bus/i2c/devices/{address}/hwmon/hwmon2";
                board.Text($"{folder}/in{i + 1}_label", rail.Name);
                board.Number($"{folder}/in{i + 1}_input", 1000);
                board.Number($"{folder}/curr{i + 1}_input", rail.Milliwatts);
            }
            else
            {
                var folder = $"sys/bus/i2c/devices/{address}/iio:device1";
                board.Text($"{folder}/rail_name_{i}", rail.Name);
                board.Number($"{folder}/in_power{i}_input", rail.Milliwatts);
            }
        }
    }

    private static List<(string Name, long Milliwatts)> RailsOf(string line) =>
        [.. RailPattern().Matches(line).Select(m => (m.Groups["name"].Value, long.Parse(m.Groups["now"].Value, System.Globalization.CultureInfo.InvariantCulture)))];

    private static IEnumerable<(string Board, string Line, long? TotalMw)> Lines() =>
        from text in File.ReadLines(Path.Combine(RealData.Folder!, "device-fixtures/jetson/tegrastats_lines.jsonl"))
        let json = JsonDocument.Parse(text).RootElement
        select (
            json.GetProperty("board").GetString()!,
            json.GetProperty("line").GetString()!,
            json.GetProperty("facts").TryGetProperty("total_mw", out var total) ? total.GetInt64() : (long?)null);

    // Blocks "---", path, "---", content; the content of a file whose reading failed is the message of cat.
    private static (List<(string Path, string Text)> Files, List<string> Failing) ReadDump()
    {
        var (files, failing) = (new List<(string, string)>(), new List<string>());
        var text = File.ReadAllText(Path.Combine(RealData.Folder!, "device-fixtures/jetson/ina3221_agx_orin_partial_dump.txt"));
        foreach (Match block in DumpPattern().Matches(text))
        {
            var path = block.Groups["path"].Value.TrimStart('/').Replace("bus/i2c/drivers/ina3221", "bus/i2c/devices", StringComparison.Ordinal);
            if (block.Groups["text"].Value.StartsWith("cat: ", StringComparison.Ordinal))
                failing.Add(path);
            else
                files.Add((path, block.Groups["text"].Value.Trim()));
        }

        return (files, failing);
    }

    [GeneratedRegex(@"(?<name>[A-Z][A-Z0-9_]*) (?<now>\d+)(mW)?/\d+(mW)?(/\d+mW)?(?=\s|$)")]
    private static partial Regex RailPattern();

    [GeneratedRegex(@"---\n(?<path>/sys/\S+)\n---\n(?<text>(?:(?!---)[^\n]*\n)*)")]
    private static partial Regex DumpPattern();
}
