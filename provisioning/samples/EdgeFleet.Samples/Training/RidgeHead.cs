using EdgeFleet.Samples.Exact;

namespace EdgeFleet.Samples.Training;

/// <summary>A linear classifier fitted in closed form: logits = features * weights + bias, sharpened so that softmax gives fair confidences.</summary>
/// <param name="Weights">[features, classes].</param>
/// <param name="Bias">[classes].</param>
internal sealed record RidgeHead(float[] Weights, float[] Bias)
{
    private const double Ridge = 0.003;
    private static readonly double[] SharpnessChoices = [3, 4, 5, 6, 8, 10, 12, 15, 18, 22, 27, 33];

    /// <summary>Fits on training features and chooses the sharpness on validation features.</summary>
    public static RidgeHead Fit(IReadOnlyList<(float[] Features, int Class)> train, IReadOnlyList<(float[] Features, int Class)> val, int classes)
    {
        var plain = Solve(train, classes);
        var best = SharpnessChoices.MinBy(s => val.Average(v => Surprise(plain.Times(s).Logits(v.Features), v.Class)));
        return plain.Times(best);
    }

    /// <summary>The logits of one sample.</summary>
    public float[] Logits(float[] features)
    {
        var logits = new float[Bias.Length];
        for (var c = 0; c < logits.Length; c++)
        {
            double sum = Bias[c];
            for (var f = 0; f < features.Length; f++) sum += (double)features[f] * Weights[(f * Bias.Length) + c];
            logits[c] = (float)sum;
        }

        return logits;
    }

    private static RidgeHead Solve(IReadOnlyList<(float[] Features, int Class)> train, int classes)
    {
        var size = train[0].Features.Length;
        double[] mean = new double[size], deviation = new double[size];
        for (var f = 0; f < size; f++)
        {
            mean[f] = train.Average(s => (double)s.Features[f]);
            deviation[f] = Math.Sqrt(train.Average(s => (s.Features[f] - mean[f]) * (s.Features[f] - mean[f]))) + 1e-6;
        }

        var gram = new double[size, size];
        var target = new double[size, classes];
        foreach (var (features, label) in train) Accumulate(features, label, mean, deviation, gram, target);
        for (var f = 0; f < size; f++) gram[f, f] += Ridge * train.Count;
        var solved = Cholesky.Solve(gram, target);

        var weights = new float[size * classes];
        var bias = new float[classes];
        for (var c = 0; c < classes; c++)
        {
            var offset = 1.0 / classes;
            for (var f = 0; f < size; f++)
            {
                weights[(f * classes) + c] = (float)(solved[f, c] / deviation[f]);
                offset -= solved[f, c] * mean[f] / deviation[f];
            }

            bias[c] = (float)offset;
        }

        return new RidgeHead(weights, bias);
    }

    private static void Accumulate(float[] features, int label, double[] mean, double[] deviation, double[,] gram, double[,] target)
    {
        int size = mean.Length, classes = target.GetLength(1);
        var centred = new double[size];
        for (var f = 0; f < size; f++) centred[f] = (features[f] - mean[f]) / deviation[f];
        for (var f = 0; f < size; f++)
        {
            for (var g = 0; g < size; g++) gram[f, g] += centred[f] * centred[g];
            for (var c = 0; c < classes; c++) target[f, c] += centred[f] * ((c == label ? 1 : 0) - (1.0 / classes));
        }
    }

    private static double Surprise(float[] logits, int label)
    {
        var top = logits.Max();
        return ExactMath.Log(logits.Sum(l => ExactMath.Exp(l - top))) - (logits[label] - top);
    }

    private RidgeHead Times(double sharpness) =>
        new(Array.ConvertAll(Weights, w => (float)(w * sharpness)), Array.ConvertAll(Bias, b => (float)(b * sharpness)));
}
