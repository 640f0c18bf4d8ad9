namespace EdgeFleet.ModelPrep.Quantization;

/// <summary>
/// How the inputs of one layer go together, as rounding with error feedback needs it: the upper Cholesky factor of the inverse of their second moments, by group.
/// GPTQ, Frantar et al., arXiv 2210.17323.
/// </summary>
/// <param name="Size">Inputs of an output channel: input channels of the group times the kernel.</param>
/// <param name="Upper">A factor a group, row by row.</param>
internal sealed record WeightFactors(int Size, IReadOnlyList<double[]> Upper)
{
    // A share of the mean moment: inputs that never move would make the moments singular.
    private const double Damping = 0.01;

    /// <summary>Factors of sums of products of inputs; null where they cannot be had.</summary>
    public static WeightFactors? Of(int size, IReadOnlyList<double[]> moments)
    {
        var factors = new List<double[]>(moments.Count);
        foreach (var moment in moments)
        {
            var mean = Enumerable.Range(0, size).Average(i => moment[(i * size) + i]);
            var damped = (double[])moment.Clone();
            for (var i = 0; i < size; i++) damped[(i * size) + i] += (Damping * mean) + 1e-12;
            if (Lower(damped, size) is not { } lower || Lower(Inverse(lower, size), size) is not { } ofInverse) return null;
            factors.Add(Transposed(ofInverse, size));
        }

        return new WeightFactors(size, factors);
    }

    /// <summary>Rounds the weights of one output channel: what a weight loses is made good by those behind it, in proportion to how their inputs go together.</summary>
    /// <param name="weights">The channel's weights; they are used up.</param>
    /// <param name="group">Its group.</param>
    /// <param name="parameters">Its scale.</param>
    /// <param name="rounded">The integers.</param>
    public void Round(Span<double> weights, int group, QuantizationParameters parameters, Span<sbyte> rounded)
    {
        var upper = Upper[group];
        for (var i = 0; i < Size; i++)
        {
            rounded[i] = parameters.Weight((float)weights[i]);
            var row = upper.AsSpan(i * Size, Size);
            var error = (weights[i] - ((double)rounded[i] * parameters.Scale)) / row[i];
            for (var j = i + 1; j < Size; j++) weights[j] -= error * row[j];
        }
    }

    // Cholesky: M = L L^T; null when M is not positive definite.
    private static double[]? Lower(double[] matrix, int size)
    {
        var lower = new double[size * size];
        for (var i = 0; i < size; i++)
        {
            var rowI = lower.AsSpan(i * size, size);
            for (var j = 0; j <= i; j++)
            {
                var rowJ = lower.AsSpan(j * size, size);
                var sum = matrix[(i * size) + j];
                for (var k = 0; k < j; k++) sum -= rowI[k] * rowJ[k];
                if (i == j && !(sum > 0)) return null;
                rowI[j] = i == j ? Math.Sqrt(sum) : sum / rowJ[j];
            }
        }

        return lower;
    }

    // Of L L^T: K = L^-1, then K^T K.
    private static double[] Inverse(double[] lower, int size)
    {
        var inverted = new double[size * size];
        for (var column = 0; column < size; column++)
        {
            inverted[(column * size) + column] = 1 / lower[(column * size) + column];
            for (var row = column + 1; row < size; row++)
            {
                var sum = 0.0;
                for (var k = column; k < row; k++) sum -= lower[(row * size) + k] * inverted[(k * size) + column];
                inverted[(row * size) + column] = sum / lower[(row * size) + row];
            }
        }

        var product = new double[size * size];
        for (var k = 0; k < size; k++)
        {
            for (var i = 0; i <= k; i++)
            {
                var left = inverted[(k * size) + i];
                for (var j = 0; j <= k; j++) product[(i * size) + j] += left * inverted[(k * size) + j];
            }
        }

        return product;
    }

    private static double[] Transposed(double[] matrix, int size)
    {
        var transposed = new double[size * size];
        for (var i = 0; i < size; i++)
            for (var j = 0; j < size; j++) transposed[(j * size) + i] = matrix[(i * size) + j];
        return transposed;
    }
}
