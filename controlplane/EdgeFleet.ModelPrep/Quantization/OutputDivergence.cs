using EdgeFleet.ModelPrep.Packing;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.ModelPrep.Quantization;

/// <summary>How far a model's outputs are the float model's: finer than counting equal answers, of which a few hundred samples have too few that differ.</summary>
internal static class OutputDivergence
{
    // Of an output that is not a number.
    private const double Worst = 100;

    // No probability is taken as less, or one rounded to zero would decide alone.
    private const double ProbabilityMin = 1e-6;

    /// <summary>Mean Kullback-Leibler divergence of softmax outputs in nats; noise over signal of others.</summary>
    public static double Of(IReadOnlyList<Answered> answers, int model, OutputSpec output)
    {
        if (answers.Count == 0) return 0;
        if (output is { Boxes: null, Score: null, Activation: "softmax" })
            return answers.Average(a => a.Answers[0].Kept is { } wanted && a.Answers[model].Kept is { } given ? Divergence([.. wanted.Outputs], [.. given.Outputs]) : Worst);

        var (signal, noise) = (answers.Sum(a => a.Signal), answers.Sum(a => a.Answers[model].Noise));
        return double.IsFinite(noise) && signal > 0 ? Math.Min(Worst, noise / signal) : Worst;
    }

    private static double Divergence(float[] wanted, float[] given)
    {
        if (Activation.Apply("softmax", wanted) < 0 || Activation.Apply("softmax", given) < 0) return Worst;
        var sum = 0.0;
        for (var i = 0; i < wanted.Length; i++)
        {
            var p = Math.Max(wanted[i], ProbabilityMin);
            sum += p * Math.Log(p / Math.Max(given[i], ProbabilityMin));
        }

        return Math.Max(0, sum);
    }
}
