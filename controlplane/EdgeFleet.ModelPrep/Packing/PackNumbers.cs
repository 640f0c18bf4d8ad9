using System.Globalization;

namespace EdgeFleet.ModelPrep.Packing;

/// <summary>Reads the numbers that people write for scale, offset, mean and deviation.</summary>
public static class PackNumbers
{
    /// <summary>Reads <c>0.5</c>, <c>1/127.5</c> or a list of such by comma.</summary>
    /// <exception cref="PackException">Not such numbers; <paramref name="option"/> names where they stood.</exception>
    public static IReadOnlyList<float> Parse(string option, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return [.. text.Split(',').Select(part => One(option, part.Trim()))];
    }

    /// <summary>Scale and offset from mean and deviation by channel. They count in 0..1 as training tools print them, or in 0..255 if any is over 1.</summary>
    /// <exception cref="PackException">Lists of different length, or a deviation that is not above 0.</exception>
    public static (IReadOnlyList<float> Scale, IReadOnlyList<float> Offset) FromMeanAndDeviation(IReadOnlyList<float> mean, IReadOnlyList<float> deviation)
    {
        ArgumentNullException.ThrowIfNull(mean);
        ArgumentNullException.ThrowIfNull(deviation);
        if (mean.Count != deviation.Count) throw new PackException($"--mean has {mean.Count} values and --std has {deviation.Count}. Give one a channel in both.");
        if (deviation.Any(d => !(d > 0))) throw new PackException("--std must be above 0 in every channel.");
        var unit = mean.Concat(deviation).Any(v => v > 1) ? 1.0 : 255.0;
        return ([.. deviation.Select(d => (float)(1 / (unit * d)))], [.. mean.Zip(deviation, (m, d) => (float)(-(double)m / d))]);
    }

    private static float One(string option, string text)
    {
        var parts = text.Split('/');
        if (parts.Length is 1 or 2 && parts.All(p => double.TryParse(p, NumberStyles.Float, CultureInfo.InvariantCulture, out _)))
        {
            var numbers = Array.ConvertAll(parts, p => double.Parse(p, NumberStyles.Float, CultureInfo.InvariantCulture));
            var value = (float)(numbers.Length == 1 ? numbers[0] : numbers[0] / numbers[1]);
            if (float.IsFinite(value)) return value;
        }

        throw new PackException($"{option}: '{text}' is not a number. Write for example 0.5, 1/127.5 or 0.485,0.456,0.406.");
    }
}
