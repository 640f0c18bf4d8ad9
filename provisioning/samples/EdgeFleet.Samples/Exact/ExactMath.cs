namespace EdgeFleet.Samples.Exact;

/// <summary>
/// Sine, exponential and logarithm by series. The C library's versions differ in the last bit between machines, which would
/// change the bytes of a trained model; additions, multiplications and square roots do not.
/// </summary>
internal static class ExactMath
{
    private const double Ln2 = 0.693147180559945309417;

    /// <summary>The sine of an angle counted in whole turns.</summary>
    public static double SineOfTurns(double turns)
    {
        var part = turns - Math.Floor(turns);
        var sign = part < 0.5 ? 1 : -1;
        if (part >= 0.5) part -= 0.5;
        if (part > 0.25) part = 0.5 - part;
        double x = 2 * Math.PI * part, square = x * x, term = x, sum = x;
        for (var n = 3; n <= 21; n += 2)
        {
            term *= -square / (n * (n - 1));
            sum += term;
        }

        return sign * sum;
    }

    /// <summary>The cosine of an angle counted in whole turns.</summary>
    public static double CosineOfTurns(double turns) => SineOfTurns(turns + 0.25);

    /// <summary>e to the power of <paramref name="x"/>, for moderate x.</summary>
    public static double Exp(double x)
    {
        var twos = Math.Round(x / Ln2);
        double rest = x - (twos * Ln2), term = 1, sum = 1;
        for (var n = 1; n <= 18; n++)
        {
            term *= rest / n;
            sum += term;
        }

        return Math.ScaleB(sum, (int)twos);
    }

    /// <summary>The natural logarithm of a positive number.</summary>
    public static double Log(double x)
    {
        var twos = Math.ILogB(x);
        double m = Math.ScaleB(x, -twos), z = (m - 1) / (m + 1), square = z * z, power = z, sum = 0;
        for (var n = 1; n <= 41; n += 2)
        {
            sum += power / n;
            power *= square;
        }

        return (2 * sum) + (twos * Ln2);
    }
}
