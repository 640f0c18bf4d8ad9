using EdgeFleet.Shared.Models;
using EdgeFleet.Testing;
using Microsoft.ML.OnnxRuntime;

namespace EdgeFleet.Shared.Tests.Models;

/// <summary>Preparation and inference against what the training tools made of the same photos.</summary>
public sealed class CoffeePhotosTests
{
    private static readonly InputSpec Input = new()
    {
        Kind = "image",
        Tensor = "input",
        Layout = "NCHW",
        Width = 224,
        Height = 224,
        ColourOrder = "RGB",
        Resize = new ResizeSpec { Antialias = true },
        Scale = [1 / 127.5f, 1 / 127.5f, 1 / 127.5f],
        Offset = [-1, -1, -1],
    };

    private static readonly OutputSpec Output = new() { Tensor = "output", Activation = "softmax", Labels = ["health", "miner", "rust", "phoma", "cercospora"] };

    private static string Data => RealData.Folder ?? throw new InvalidOperationException(RealData.Absent);

    [Fact]
    public void Prepared_photos_are_those_of_the_training_tools()
    {
        Assert.SkipUnless(RealData.Folder is not null, RealData.Absent);
        var golden = File.ReadAllBytes(Path.Combine(Data, "coffee-leaf-models", "golden_inputs_224x224_rgb.u8"));
        var files = File.ReadLines(Path.Combine(Data, "coffee-leaf-models", "golden_inputs.csv")).Skip(1).Select(l => l.Split(',')[1]).ToArray();
        var (preparer, pixels, tensor) = (new ImagePreparer(Input), new PixelBuffer(), new float[Input.Elements]);
        var worst = 0;
        var differing = 0L;
        for (var f = 0; f < files.Length; f++)
        {
            ImageDecoder.Decode(File.ReadAllBytes(Path.Combine(Data, "coffee-leaf", files[f])), pixels);
            preparer.Prepare(pixels, tensor);
            for (var i = 0; i < 224 * 224; i++)
            {
                for (var c = 0; c < 3; c++)
                {
                    var mine = (int)MathF.Round((tensor[c * 224 * 224 + i] + 1) * 127.5f);
                    var off = Math.Abs(mine - golden[(f * 224 * 224 + i) * 3 + c]);
                    worst = Math.Max(worst, off);
                    differing += off > 0 ? 1 : 0;
                }
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"worst {worst}, differing {differing} of {golden.Length}");
        Assert.Equal((0, 0L), (worst, differing));
    }

    [Theory]
    [InlineData("coffee_leaf_float.onnx", 0.879)]
    [InlineData("coffee_leaf_int8_qdq.onnx", 0.863)]
    [InlineData("coffee_leaf_int8_collapsed.onnx", 0.200)]
    public void The_models_score_on_190_test_photos_what_their_makers_say(string model, double accuracy)
    {
        Assert.SkipUnless(RealData.Folder is not null, RealData.Absent);
        using var session = ModelSession.Load(Path.Combine(Data, "coffee-leaf-models", model), Input, Output);
        using var run = new RunOptions();
        var (preparer, pixels) = (new ImagePreparer(Input), new PixelBuffer());
        var (right, all) = (0, 0);
        foreach (var folder in Directory.GetDirectories(Path.Combine(Data, "coffee-leaf", "symptom", "test")))
        {
            var label = Path.GetFileName(folder)[0] - '1';
            foreach (var file in Directory.GetFiles(folder))
            {
                ImageDecoder.Decode(File.ReadAllBytes(file), pixels);
                preparer.Prepare(pixels, session.Input);
                session.Run(run);
                right += Activation.Apply("softmax", session.Output.ToArray()) == label ? 1 : 0;
                all++;
            }
        }

        Assert.Equal(190, all);
        Assert.Equal(accuracy, (double)right / all, 0.02);
    }
}
