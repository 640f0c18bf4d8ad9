using System.Diagnostics;
using EdgeFleet.ModelPrep.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace EdgeFleet.Samples.Spoiling;

/// <summary>Runs a model on an input of zeros, with one thread and all optimizations.</summary>
internal static class ModelProbe
{
    /// <summary>The first output.</summary>
    public static float[] Answer(ModelProto model) => Run(model, runs: 1).Answer;

    /// <summary>The fastest of some runs, in milliseconds; a busy machine only ever makes runs slower.</summary>
    public static double FastestMs(ModelProto model, int runs) => Run(model, runs).FastestMs;

    private static (float[] Answer, double FastestMs) Run(ModelProto model, int runs)
    {
        using var options = new SessionOptions { GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL, IntraOpNumThreads = 1 };
        using var session = new InferenceSession(OnnxFile.Bytes(model), options);
        using var run = new RunOptions();
        var shape = Array.ConvertAll(session.InputMetadata[session.InputNames[0]].Dimensions, d => (long)Math.Max(d, 1));
        using var input = OrtValue.CreateTensorValueFromMemory(new float[shape.Aggregate(1L, (a, b) => a * b)], shape);
        var (answer, fastest) = (Array.Empty<float>(), double.MaxValue);
        // The first run is warm-up.
        for (var i = 0; i <= runs; i++)
        {
            var start = Stopwatch.GetTimestamp();
            using var results = session.Run(run, [session.InputNames[0]], [input], [session.OutputNames[0]]);
            if (i > 0) fastest = Math.Min(fastest, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            answer = results[0].GetTensorDataAsSpan<float>().ToArray();
        }

        return (answer, fastest);
    }
}
