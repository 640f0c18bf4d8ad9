using EdgeFleet.ModelPrep.Onnx;

namespace EdgeFleet.Samples.Spoiling;

/// <summary>Finds how many idle rounds make a model slow enough on this machine: a multiple of its own time, and a least time.</summary>
/// <param name="Times">How many times slower at the least.</param>
/// <param name="LeastMs">And how many milliseconds at the least, because a board forgives a slowdown of a few.</param>
internal sealed record LatencyTarget(double Times = 40, double LeastMs = 150)
{
    private const int TrialRounds = 64;

    /// <summary>A slow form of the model that meets the target here, and what was measured with one thread and all optimizations.</summary>
    public (ModelProto Model, double GoodMs, double SlowMs) Slow(ModelProto good, string name)
    {
        var goodMs = ModelProbe.FastestMs(good, runs: 21);
        var roundMs = Math.Max((ModelProbe.FastestMs(SlowModel.Of(good, name, TrialRounds), runs: 7) - goodMs) / TrialRounds, 1e-4);
        // A fifth more than the target, so that a noisy moment does not undershoot it.
        var rounds = (long)Math.Ceiling(1.2 * Math.Max(Times * goodMs, LeastMs) / roundMs);
        var slow = SlowModel.Of(good, name, rounds);
        return (slow, goodMs, ModelProbe.FastestMs(slow, runs: 5));
    }
}
