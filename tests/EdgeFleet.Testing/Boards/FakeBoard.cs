using System.Globalization;

namespace EdgeFleet.Testing.Boards;

/// <summary>
/// A board as its kernel shows it: a tree of <c>sys</c> and <c>proc</c> that changes over time. Numbers are written over in place, so that a file which is held
/// open shows the new one, as the kernel's do, and at no moment none.
/// </summary>
public sealed class FakeBoard : IDisposable
{
    private const int NumberBytes = 24;
    private readonly TempFolder _folder = new();
    private int _hwmon = 3;

    /// <summary>An empty board.</summary>
    public FakeBoard()
    {
    }

    /// <summary>Root of the tree.</summary>
    public string Root => _folder.Path;

    /// <summary>Folder of the INA3221 of <see cref="Orin"/> as it is numbered now.</summary>
    public string InaHwmon => $"sys/bus/i2c/devices/1-0040/hwmon/hwmon{_hwmon}";

    /// <summary>A Jetson Orin Nano with its INA3221, two thermal zones (and one that is off), four cores and <c>nvpmodel</c>.</summary>
    public static FakeBoard Orin(double watts = 6, double celsius = 45)
    {
        var board = new FakeBoard();
        board.Text("proc/device-tree/compatible", "nvidia,p3768-0000+p3767-0005\0nvidia,p3767-0005\0nvidia,tegra234\0");
        board.Text("sys/bus/i2c/devices/1-0040/name", "ina3221");
        board.Ina(watts);
        board.Zone(0, "cpu-thermal", celsius - 2);
        board.Zone(1, "cv0-thermal", -256);
        board.Zone(2, "tj-thermal", celsius);
        for (var core = 0; core < 4; core++)
        {
            board.Number($"sys/devices/system/cpu/cpu{core}/cpufreq/scaling_cur_freq", 729_600);
            board.Number($"sys/devices/system/cpu/cpu{core}/cpufreq/scaling_max_freq", 1_510_400);
            board.Text($"sys/devices/system/cpu/cpu{core}/cpufreq/scaling_governor", "schedutil");
        }

        board.Program("nvpmodel", "echo 'NV Power Mode: 15W'; echo 0");
        return board;
    }

    /// <summary>Power of <see cref="Orin"/>'s input rail; a third of it goes through the processor's rail.</summary>
    public void Watts(double watts)
    {
        Number($"{InaHwmon}/curr1_input", (long)Math.Round(watts * 1000 / 5));
        Number($"{InaHwmon}/curr2_input", (long)Math.Round(watts * 1000 / 5 / 3));
    }

    /// <summary>Temperature of <see cref="Orin"/>'s hottest place; the other zone is 2 °C cooler.</summary>
    public void Celsius(double celsius)
    {
        Number("sys/class/thermal/thermal_zone0/temp", (long)Math.Round((celsius - 2) * 1000));
        Number("sys/class/thermal/thermal_zone2/temp", (long)Math.Round(celsius * 1000));
    }

    /// <summary>A thermal zone.</summary>
    public void Zone(int number, string type, double celsius)
    {
        Text($"sys/class/thermal/thermal_zone{number}/type", type);
        Number($"sys/class/thermal/thermal_zone{number}/temp", (long)Math.Round(celsius * 1000));
    }

    /// <summary>Gives the INA3221 another hwmon number, as a driver does that is loaded again.</summary>
    public void Renumber(double watts)
    {
        Remove(InaHwmon);
        _hwmon++;
        Ina(watts);
    }

    /// <summary>The battery.</summary>
    public void Battery(int percent, string status = "Discharging")
    {
        Text("sys/class/power_supply/BAT0/type", "Battery");
        Text("sys/class/power_supply/BAT0/status", status);
        Number("sys/class/power_supply/BAT0/capacity", percent);
    }

    /// <summary>A program of the board's maker: a shell script.</summary>
    public void Program(string name, string script)
    {
        var path = PathOf($"usr/bin/{name}");
        File.WriteAllText(path, $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>A file that opens and fails on read with EIO: a link to the reader's own memory at address 0, where nothing is.</summary>
    public void Failing(string path)
    {
        File.Delete(_folder[path]);
        File.CreateSymbolicLink(PathOf(path), "/proc/self/mem");
    }

    /// <summary>A text file; links and words that seldom change.</summary>
    public void Text(string path, string text) => File.WriteAllText(PathOf(path), text + "\n");

    /// <summary>A number, written over in place.</summary>
    public void Number(string path, long number)
    {
        using var file = new FileStream(PathOf(path), FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        file.Write(System.Text.Encoding.ASCII.GetBytes(number.ToString(CultureInfo.InvariantCulture).PadRight(NumberBytes, '\n')));
    }

    /// <summary>Takes a file or folder away. Files that are held open are emptied first: the kernel's then give no number either.</summary>
    public void Remove(string path)
    {
        if (!Directory.Exists(_folder[path]))
        {
            File.Delete(_folder[path]);
            return;
        }

        foreach (var file in new DirectoryInfo(_folder[path]).EnumerateFiles("*", SearchOption.AllDirectories).Where(f => f.LinkTarget is null))
            File.WriteAllText(file.FullName, "");
        Directory.Delete(_folder[path], recursive: true);
    }

    /// <summary>Full path of a file of the board, whose folder is made.</summary>
    public string PathOf(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder[path])!);
        return _folder[path];
    }

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();

    private void Ina(double watts)
    {
        foreach (var (n, label) in new[] { (1, "VDD_IN"), (2, "VDD_CPU_GPU_CV"), (3, "VDD_SOC") })
        {
            Text($"{InaHwmon}/in{n}_label", label);
            Number($"{InaHwmon}/in{n}_input", 5000);
            Number($"{InaHwmon}/curr{n}_input", 200);
            Number($"{InaHwmon}/curr{n}_crit_alarm", 0);
            Number($"{InaHwmon}/shunt{n}_resistor", 5000);
        }

        Text($"{InaHwmon}/in7_label", "sum of shunt voltages");
        Number($"{InaHwmon}/in7_input", 12);
        Watts(watts);
    }
}
