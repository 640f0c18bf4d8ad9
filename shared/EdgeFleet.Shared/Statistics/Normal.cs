namespace EdgeFleet.Shared.Statistics;

/// <summary>The standard normal distribution.</summary>
public static class Normal
{
    private static readonly double[] A = [-3.969683028665376e+01, 2.209460984245205e+02, -2.759285104469687e+02, 1.383577518672690e+02, -3.066479806614716e+01, 2.506628277459239e+00];
    private static readonly double[] B = [-5.447609879822406e+01, 1.615858368580409e+02, -1.556989798598866e+02, 6.680131188771972e+01, -1.328068155288572e+01];
    private static readonly double[] C = [-7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838e+00, -2.549732539343734e+00, 4.374664141464968e+00, 2.938163982698783e+00];
    private static readonly double[] D = [7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996e+00, 3.754408661907416e+00];

    /// <summary>Value below which a share lies; Acklam's rational approximation, relative error below 1.2e-9.</summary>
    /// <param name="share">Between 0 and 1.</param>
    public static double Quantile(double share)
    {
        if (!(share is > 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(share), share, "A share lies between 0 and 1.");
        if (share > 0.5)
            return -Quantile(1 - share);
        if (share < 0.02425)
        {
            var q = Math.Sqrt(-2 * Math.Log(share));
            return Polynomial(C, q) / (Polynomial(D, q) * q + 1);
        }

        var r = share - 0.5;
        return r * Polynomial(A, r * r) / (Polynomial(B, r * r) * r * r + 1);
    }

    private static double Polynomial(double[] coefficients, double x)
    {
        var sum = 0.0;
        foreach (var coefficient in coefficients)
            sum = sum * x + coefficient;
        return sum;
    }
}
