using EdgeFleet.ModelPrep.Onnx;
using EdgeFleet.ModelPrep.Quantization;

namespace EdgeFleet.ModelPrep.Tests.Quantization;

public sealed class BiasCorrectorTests
{
    [Theory]
    [InlineData("relu")]
    [InlineData("residual")]
    [InlineData("hard-swish")]
    public void Corrected_outputs_have_the_float_models_means(string name)
    {
        using var trial = new NetTrial(name, SmallNets.Model(name), r => r with { CorrectsBias = false, FeedsBack = false, Searches = false });
        var feed = SampleFeed.Of(SmallNets.InputOf(name));
        // Ranges that are too narrow, so that there is much to correct.
        var narrow = new ActivationRanges();
        foreach (var tensor in new QdqPlan(trial.Ready.Graph).Tensors)
        {
            trial.Form.Ranges.TryGet(tensor, out var range);
            narrow.Set(tensor, new ActivationRange(range.Min * 0.6f, range.Max * (tensor == "output" ? 1 : 0.6f)));
        }

        using var samples = SampleSpool.Take(SmallNets.Samples(name, 64, seed: 8), SmallNets.InputOf(name).Elements);
        var shifts = BiasCorrector.Run(BiasScope.All, trial.Ready, narrow, QdqChoices.Default, feed, samples, TestContext.Current.CancellationToken);
        var wanted = Means(trial.Ready, feed, samples);
        var (before, after) = (Distance(wanted, Means(StaticQuantizer.Quantize(trial.Ready, narrow, QdqChoices.Default), feed, samples)),
            Distance(wanted, Means(StaticQuantizer.Quantize(trial.Ready, narrow, QdqChoices.Default with { BiasShifts = shifts }), feed, samples)));

        Assert.Equal(new QdqPlan(trial.Ready.Graph).Layers.Count, shifts.Count);
        Assert.InRange(after, 0, 0.25 * before);
    }

    private static double[] Means(ModelProto model, SampleFeed feed, SampleSpool samples)
    {
        using var watch = new TensorWatch(model, ["output"], feed);
        var sums = new double[SmallNets.Classes];
        foreach (var sample in samples.Read())
        {
            watch.Run(sample.Tensor, (_, _, values) =>
            {
                for (var i = 0; i < sums.Length; i++) sums[i] += values[i] / samples.Count;
            });
        }

        return sums;
    }

    private static double Distance(double[] a, double[] b) => Math.Sqrt(a.Zip(b, (x, y) => (x - y) * (x - y)).Sum());
}
