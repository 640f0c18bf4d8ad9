using System.Globalization;

namespace EdgeFleet.Agent.Power;

/// <summary>
/// Power of a Raspberry Pi 5 by the rails of its power chip (<c>vcgencmd pmic_read_adc</c>). What goes to USB, HATs and NVMe passes it by, so the board's power
/// is estimated by a linear model: <c>P = 1.1451 * sum(V*A) + 0.5879 W</c> (jfikar/RPi5-power). An estimate for a typical board, not a measurement of this one.
/// </summary>
internal sealed class PiPmic(BoardTool vcgencmd) : IPowerMeter
{
    private const double ModelFactor = 1.1451;
    private const double ModelWatts = 0.5879;

    // Noise of single readings, by the model's author: it asks for averages over 50 s.
    private const double StepWatts = 0.1;

    /// <inheritdoc/>
    public PowerSensor Sensor { get; } = new("pmic sum of rails, linear model", PowerMethod.Model, StepWatts, TimeSpan.FromSeconds(1));

    /// <inheritdoc/>
    public string? Fault { get; private set; }

    /// <inheritdoc/>
    public bool TryRead(out double value)
    {
        var watts = vcgencmd.Run("pmic_read_adc") is { } text ? RailWatts(text) : null;
        Fault = watts is null ? "vcgencmd pmic_read_adc gave no rails." : null;
        value = watts is { } sum ? (ModelFactor * sum) + ModelWatts : 0;
        return watts is not null;
    }

    /// <summary>Sum of voltage times current over the rails that have both; null when there is none. <c>EXT5V_V</c> and <c>BATT_V</c> have no current.</summary>
    public static double? RailWatts(string text)
    {
        var (volts, amperes) = (new Dictionary<string, double>(), new Dictionary<string, double>());
        foreach (var line in text.Split('\n'))
        {
            if (line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is not [var name, var reading] || name.Length < 3)
                continue;
            var into = name.EndsWith("_A", StringComparison.Ordinal) ? amperes : name.EndsWith("_V", StringComparison.Ordinal) ? volts : null;
            var value = reading[(reading.IndexOf('=', StringComparison.Ordinal) + 1)..].TrimEnd('A', 'V');
            if (into is not null && double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
                into[name[..^2]] = number;
        }

        var rails = amperes.Where(a => volts.ContainsKey(a.Key)).ToList();
        return rails.Count == 0 ? null : rails.Sum(a => a.Value * volts[a.Key]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
