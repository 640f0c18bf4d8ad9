using EdgeFleet.ModelPrep.Packing;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.Demo;

/// <summary>Packs and publishes with the command line, as a model engineer would.</summary>
internal sealed class PackageMaker(DemoFleet fleet, LeafMaterial leaf)
{
    private const int BearingWindow = 2048;

    /// <summary>The stream that the pump board reads.</summary>
    public string PumpStream { get; private set; } = "";

    /// <summary>Scores the models on the test photos; on the real ones they must reach what their makers say.</summary>
    public async Task ScoreAsync(bool mustHold, CancellationToken cancel)
    {
        foreach (var (model, expected) in new[] { (leaf.Float, 0.879), (leaf.Int8, 0.863), (leaf.Collapsed, 0.200) })
        {
            var score = await Task.Run(() => Evaluate(model, cancel), cancel);
            Narrator.Say(FormattableString.Invariant($"{Path.GetFileName(model)} answers {score.Right} of {score.Samples} test photos rightly: {score.Accuracy:0.000}"));
            if (mustHold && Math.Abs(score.Accuracy - expected) > 0.02)
                throw new DemoException(FormattableString.Invariant($"{Path.GetFileName(model)} scores {score.Accuracy:0.000}; {expected:0.000} within 0.02 is expected."));
        }
    }

    /// <summary>Packs and publishes a leaf version.</summary>
    public async Task LeafAsync(string version, string onnx, params string[] more) =>
        await fleet.Cli.RunAsync("model", "push", await PackLeafAsync(version, onnx, more));

    /// <summary>Packs a leaf version; returns its folder.</summary>
    public async Task<string> PackLeafAsync(string version, string onnx, params string[] more)
    {
        var folder = Path.Combine(fleet.Folder, "packages", $"{leaf.Model}-{version}");
        await fleet.Cli.RunAsync([.. PackArguments(version, onnx, folder), .. more]);
        return folder;
    }

    /// <summary>Packing that must be refused.</summary>
    public Task<string> RefusedLeafAsync(string version, string onnx) =>
        fleet.Cli.RefusedAsync(PackArguments(version, onnx, Path.Combine(fleet.Folder, "packages", "refused")));

    /// <summary>Packs and publishes both versions of the bearing sample.</summary>
    public async Task PumpAsync(string vibration)
    {
        PumpStream = Path.Combine(vibration, "stream.csv");
        var (floatModel, int8) = DemoMaterial.Bearing;
        foreach (var (version, onnx) in new[] { ("1.0.0", floatModel), ("2.0.0", int8) })
        {
            var folder = Path.Combine(fleet.Folder, "packages", $"sample-bearing-{version}");
            await fleet.Cli.RunAsync("model", "pack", "--onnx", onnx, "--float", floatModel, "--data", vibration, "--task", ModelTask.SeriesClassification,
                "--labels", Path.Combine(vibration, "labels.txt"), "--column", "acceleration", "--length", $"{BearingWindow}", "--name", "sample-bearing", "--version", version, "--out", folder);
            await fleet.Cli.RunAsync("model", "push", folder);
        }
    }

    private string[] PackArguments(string version, string onnx, string folder) =>
    [
        "model", "pack", "--onnx", onnx, "--float", leaf.Float, "--data", leaf.Data, "--task", ModelTask.ImageClassification, "--labels", leaf.Labels,
        "--size", $"{leaf.Size}x{leaf.Size}", "--resize", "bilinear", "--scale", "1/127.5", "--offset", "-1", "--layout", "NCHW", "--activation", "softmax",
        "--name", leaf.Model, "--version", version, "--out", folder,
    ];

    private Evaluation Evaluate(string model, CancellationToken cancel)
    {
        IReadOnlyList<string> labels = [.. File.ReadLines(leaf.Labels).Where(l => l.Length > 0)];
        var input = new InputSpec
        {
            Kind = "image", Tensor = "input", Layout = "NCHW", Width = leaf.Size, Height = leaf.Size, ColourOrder = "RGB", Resize = new ResizeSpec { Antialias = true },
            Scale = [1 / 127.5f, 1 / 127.5f, 1 / 127.5f], Offset = [-1, -1, -1],
        };
        var output = new OutputSpec { Tensor = EdgeFleet.ModelPrep.Onnx.OnnxFile.Read(model).Graph.Output[0].Name, Activation = "softmax", Labels = labels };
        return ModelEvaluator.Evaluate(model, LabelledData.Open(leaf.Data, labels), "test", input, output, cancel);
    }
}
