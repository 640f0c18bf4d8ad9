namespace EdgeFleet.Agent.Power;

/// <summary>A temperature of the board.</summary>
internal readonly record struct Temperature(string Name, double Celsius);

/// <summary>
/// The temperatures of the board: thermal zones, or hwmon where there are none. Sensors that are offline (Jetsons then say -256 °C), fail on read or give the
/// constant of a dummy (<c>PMIC</c> zones of Jetsons) are left out.
/// </summary>
internal sealed class ThermalZones : IDisposable
{
    private const double CelsiusMin = -60;
    private const double CelsiusMax = 150;
    private readonly List<(string Name, SysfsNumber File)> _zones;

    private ThermalZones(List<(string Name, SysfsNumber File)> zones) => _zones = zones;

    /// <summary>Searches for the sensors.</summary>
    public static ThermalZones Find(BoardRoot root)
    {
        var zones = BoardRoot.Folders(root["sys/class/thermal"], "thermal_zone*")
            .Select(z => (Name: BoardRoot.Text(Path.Combine(z, "type")) ?? Path.GetFileName(z), File: Path.Combine(z, "temp")))
            .Where(z => !z.Name.StartsWith("PMIC", StringComparison.OrdinalIgnoreCase)).ToList();
        if (zones.Count == 0)
        {
            zones = [.. from chip in BoardRoot.Folders(root["sys/class/hwmon"], "hwmon*")
                        from file in BoardRoot.Files(chip, "temp*_input")
                        let label = BoardRoot.Text(file.Replace("_input", "_label", StringComparison.Ordinal))
                        select ($"{BoardRoot.Text(Path.Combine(chip, "name")) ?? Path.GetFileName(chip)} {label ?? Path.GetFileName(file).Split('_')[0]}", file)];
        }

        return new ThermalZones([.. zones.Select(z => (z.Name, new SysfsNumber(z.File)))]);
    }

    /// <summary>Reads all that can be.</summary>
    public IReadOnlyList<Temperature> Read()
    {
        var read = new List<Temperature>(_zones.Count);
        foreach (var (name, file) in _zones)
        {
            if (file.TryRead(out var millis) && millis / 1e3 is > CelsiusMin and < CelsiusMax and var celsius)
                read.Add(new Temperature(name, celsius));
        }

        return read;
    }

    /// <inheritdoc/>
    public void Dispose() => _zones.ForEach(z => z.File.Dispose());
}
