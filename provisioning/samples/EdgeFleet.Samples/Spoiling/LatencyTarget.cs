using System.Diagnostics;
using EdgeFleet.ModelPrep.Onnx;
using Microsoft.ML.OnnxRuntime;

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
        var goodMs = FastestMs(good, runs: 21);
        var roundMs = Math.Max((FastestMs(SlowModel.Of(good, name, TrialRounds), runs: 7) - goodMs) / TrialRounds, 1e-4);
        // A fifth more than the target, so that a noisy moment does not undershoot it.
        var rounds = (long)Math.Ceiling(1.2 * Math.Max(Times * goodMs, LeastMs) / roundMs);
        var slow = SlowModel.Of(good, name, rounds);
        return (slow, goodMs, FastestMs(slow, runs: 5));
    }

    private static double FastestMs(ModelProto model, int runs)
    {
        using var options = new SessionOptions { GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL, IntraOpNumThreads = 1 };
        using var session = new InferenceSession(OnnxFile.Bytes(model), options);
        using var run = new RunOptions();
        var shape = Array.ConvertAll(session.InputMetadata[session.InputNames[0]].Dimensions, d => (long)Math.Max(d, 1));
        using var input = OrtValue.CreateTensorValueFromMemory(new float[shape.Aggregate(1L, (a, b) => a * b)], shape);
        var times = new double[runs];
        for (var i = -1; i < runs; i++)
        {
            var start = Stopwatch.GetTimestamp();
            using (session.Run(run, [session.InputNames[0]], [input], [session.OutputNames[0]]))
            {
                // The first run is warm-up.
                if (i >= 0) times[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            }
        }

        return times.Min();
    }
}
