using System.Globalization;
using EdgeFleet.ModelPrep.Onnx;
using EdgeFleet.ModelPrep.Packing;
using EdgeFleet.ModelPrep.Quantization;
using EdgeFleet.Shared.Models;
using EdgeFleet.Testing;
using static EdgeFleet.ModelPrep.Onnx.TensorProto.Types;

namespace EdgeFleet.ModelPrep.Tests.Packing;

/// <summary>An anomaly score on real-sized data: the Mahalanobis distance of five readings of the AI4I 2020 machines, learned from normal rows alone.</summary>
public sealed class Ai4iTests(ITestOutputHelper output) : IDisposable
{
    private static readonly string[] Columns = ["air", "process", "speed", "torque", "wear"];
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_distance_learned_from_normal_rows_is_packed_and_tells_failures_better_than_chance()
    {
        Assert.SkipWhen(RealData.Folder is null, RealData.Absent);
        var rows = File.ReadLines(Path.Combine(RealData.Folder!, "ai4i2020", "ai4i2020.csv")).Skip(1).Select(l => l.Split(','))
            .Select((f, i) => (Split: (i % 5) switch { < 3 => "train", 3 => "val", _ => "test" }, IsFailure: f[8] == "1", Values: f[3..8].Select(v => double.Parse(v, CultureInfo.InvariantCulture)).ToArray())).ToList();
        foreach (var group in rows.Where(r => r.Split != "train" || !r.IsFailure).GroupBy(r => (r.Split, r.IsFailure)))
        {
            Directory.CreateDirectory(_folder["data", group.Key.Split, group.Key.IsFailure ? "anomaly" : "normal"]);
            File.WriteAllLines(_folder["data", group.Key.Split, group.Key.IsFailure ? "anomaly" : "normal", "rows.csv"],
                group.Select(r => string.Join(',', r.Values.Select(v => v.ToString(CultureInfo.InvariantCulture)))).Prepend(string.Join(',', Columns)));
        }

        var train = rows.Where(r => r is { Split: "train", IsFailure: false }).Select(r => r.Values).ToList();
        double[] mean = [.. Enumerable.Range(0, 5).Select(c => train.Average(r => r[c]))], deviation = [.. Enumerable.Range(0, 5).Select(c => Math.Sqrt(train.Average(r => Math.Pow(r[c] - mean[c], 2))))];
        var scaled = train.Select(r => r.Select((v, c) => (float)((v - mean[c]) / deviation[c])).ToArray()).ToList();
        var model = Distance(Whitening(scaled));
        OnnxFile.Write(model, _folder["float.onnx"]);
        OnnxFile.Write(StaticQuantizer.Quantize(model, scaled, [1, 5, 1]), _folder["int8.onnx"]);

        var result = ModelPacker.Pack(new PackRequest
        {
            Onnx = [_folder["float.onnx"], _folder["int8.onnx"]],
            Float = _folder["float.onnx"],
            Data = _folder["data"],
            Task = ModelTask.AnomalyScore,
            Input = new PackInput { Layout = "NCT", Columns = Columns, Length = 1, Scale = [.. deviation.Select(d => (float)(1 / d))], Offset = [.. mean.Zip(deviation, (m, d) => (float)(-m / d))] },
            Score = new PackScore { Kind = ScoreKind.Scalar },
            Name = "ai4i",
            Version = "1.0.0",
            Out = _folder["out"],
        }, cancel: TestContext.Current.CancellationToken);

        var packed = Assert.IsType<PackResult.Packed>(result);
        // Failures are 3 of 100: the mean of both shares tells, the share of right answers does not.
        var recall = ModelEvaluator.Evaluate(_folder["float.onnx"], LabelledData.Open(_folder["data"], OutputSpec.ScoreLabels), "test", packed.Manifest.Input, packed.Manifest.Output, TestContext.Current.CancellationToken).Recall;
        var int8 = packed.Report.Variants[1].Splits["test"];
        output.WriteLine($"threshold {packed.Manifest.Output.Score!.Threshold}, test: normal {recall[0]:P1}, failures {recall[1]:P1}, int8 agrees {int8.Agreement:P1}");
        Assert.InRange(recall.Average(), 0.65, 1);
        Assert.InRange(int8.Agreement, 0.97, 1);
        var verdict = PackageVerifier.Verify(_folder["out"], TestContext.Current.CancellationToken);
        Assert.True(verdict.Passed, verdict.Summary);
    }

    // The inverse of the Cholesky factor of the covariance: whitened values are uncorrelated with deviation 1.
    private static double[,] Whitening(List<float[]> rows)
    {
        var (factor, inverse) = (new double[5, 5], new double[5, 5]);
        for (var i = 0; i < 5; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                var sum = rows.Average(r => (double)r[i] * r[j]) - Enumerable.Range(0, j).Sum(k => factor[i, k] * factor[j, k]);
                factor[i, j] = i == j ? Math.Sqrt(sum) : sum / factor[j, j];
            }
        }

        for (var column = 0; column < 5; column++)
            for (var i = column; i < 5; i++)
                inverse[i, column] = ((i == column ? 1 : 0) - Enumerable.Range(column, i - column).Sum(k => factor[i, k] * inverse[k, column])) / factor[i, i];
        return inverse;
    }

    private static ModelProto Distance(double[,] whitening) => new GraphBuilder("distance")
        .Input("input", DataType.Float, -1, 5, 1)
        .Constant(Tensors.Floats("whitening", [.. Enumerable.Range(0, 25).Select(i => (float)whitening[i % 5, i / 5])], 5, 5))
        .Node("Flatten", ["input"], "readings")
        .Node("MatMul", ["readings", "whitening"], "white")
        .Node("Mul", ["white", "white"], "squares")
        .Node("ReduceMean", ["squares"], "score", Attributes.Of("axes", [1]), Attributes.Of("keepdims", 1L))
        .Output("score", DataType.Float, -1, 1)
        .Model(13, "edgefleet-tests", "Mahalanobis distance, squared, over five.");
}
