namespace EdgeFleet.Samples.Training;

/// <summary>Solves A X = B for a symmetric positive A, in one fixed order of operations.</summary>
internal static class Cholesky
{
    /// <summary>X; A and B are left as they were.</summary>
    public static double[,] Solve(double[,] a, double[,] b)
    {
        int size = a.GetLength(0), columns = b.GetLength(1);
        var lower = Factor(a, size);
        var x = new double[size, columns];
        for (var c = 0; c < columns; c++)
        {
            for (var i = 0; i < size; i++)
            {
                var sum = b[i, c];
                for (var k = 0; k < i; k++) sum -= lower[i, k] * x[k, c];
                x[i, c] = sum / lower[i, i];
            }

            for (var i = size - 1; i >= 0; i--)
            {
                var sum = x[i, c];
                for (var k = i + 1; k < size; k++) sum -= lower[k, i] * x[k, c];
                x[i, c] = sum / lower[i, i];
            }
        }

        return x;
    }

    private static double[,] Factor(double[,] a, int size)
    {
        var lower = new double[size, size];
        for (var i = 0; i < size; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                var sum = a[i, j];
                for (var k = 0; k < j; k++) sum -= lower[i, k] * lower[j, k];
                lower[i, j] = i == j ? Math.Sqrt(sum) : sum / lower[j, j];
            }
        }

        return lower;
    }
}
