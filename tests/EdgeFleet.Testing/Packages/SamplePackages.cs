using EdgeFleet.Shared.Models;
using SkiaSharp;

namespace EdgeFleet.Testing.Packages;

/// <summary>Packages of the sample detector and the sample autoencoder under <c>provisioning/samples/models</c>, float and int8, or the broken int8.</summary>
public static class SamplePackages
{
    private static readonly (SKColor Colour, int Label)[] Colours = [(new SKColor(235, 30, 30), 0), (new SKColor(30, 30, 235), 1)];

    /// <summary>Finds red and blue squares in pictures.</summary>
    /// <param name="version">Version.</param>
    /// <param name="served"><c>int8</c>, <c>float</c> or <c>broken</c>.</param>
    public static TestPackageSpec Spots(string version = "1.0.0", string served = "int8")
    {
        var input = new InputSpec
        {
            Kind = "image", Tensor = "input", Layout = "NCHW", Width = 64, Height = 64, ColourOrder = "RGB", Resize = new ResizeSpec { Antialias = true },
            Scale = [1 / 255f, 1 / 255f, 1 / 255f], Offset = [0, 0, 0],
        };
        var pictures = Enumerable.Range(0, 12).Select(i => i == 0 ? TestImages.Squares() : TestImages.Squares((Colours[i % 2].Colour, 8 * (i % 5), 0), (Colours[i % 2].Colour, 64, 64 + 8 * (i % 4)))).ToList();
        return new TestPackageSpec
        {
            Name = "spots",
            Version = version,
            Float = Model("spots", "float"),
            Variants = Variants("spots", served),
            Input = input,
            Output = new OutputSpec
            {
                Tensor = "detections", Activation = "sigmoid", Labels = ["red", "blue"],
                Boxes = new BoxSpec { Layout = "NCA", Candidates = 169, Coordinates = "cxcywh", Unit = "pixels" },
            },
            GoldenInputs = [.. pictures.Select(p => Prepared(input, p))],
            GoldenPhotos = pictures,
            LeastAgreement = 0.9,
        };
    }

    /// <summary>Scores how unlike normal a window of 64 readings of a humming machine is.</summary>
    /// <param name="version">Version.</param>
    /// <param name="served"><c>int8</c>, <c>float</c> or <c>broken</c>.</param>
    public static TestPackageSpec Hum(string version = "1.0.0", string served = "int8") => new()
    {
        Name = "hum",
        Version = version,
        Float = Model("hum", "float"),
        Variants = Variants("hum", served),
        Input = new InputSpec { Kind = "series", Tensor = "input", Layout = "NCT", Columns = ["level"], Length = 64, Scale = [1], Offset = [0] },
        Output = new OutputSpec
        {
            Tensor = "output", Activation = "none", Labels = OutputSpec.ScoreLabels,
            Score = new ScoreSpec { Kind = ScoreKind.SquaredError, Threshold = 0.06, ThresholdLow = 0.01, ThresholdHigh = 0.12, Spread = 0.002 },
        },
        GoldenInputs = [.. Enumerable.Range(0, 16).Select(i => HumWindow(0.1 * i, isFaulty: i % 2 == 1))],
        LeastAgreement = 0.9,
    };

    /// <summary>A window of the two normal tones, and of a third one when faulty.</summary>
    public static float[] HumWindow(double phase, bool isFaulty) => [.. Enumerable.Range(0, 64).Select(t =>
        (float)(Tone(2, t, phase) + 0.6 * Tone(4, t, 2 * phase) + (isFaulty ? 0.5 * Tone(11, t, 3 * phase) : 0)))];

    private static double Tone(int turns, int t, double phase) => Math.Sin(2 * Math.PI * (turns * t / 64.0 + phase));

    private static Dictionary<string, byte[]> Variants(string name, string served) => new() { [served == "float" ? "cpu-fp32" : "cpu-int8"] = Model(name, served) };

    private static byte[] Model(string name, string form) => File.ReadAllBytes(Path.Combine(RealData.CheckoutRoot, "provisioning", "samples", "models", $"sample_{name}_{form}.onnx"));

    private static float[] Prepared(InputSpec input, byte[] picture)
    {
        var (pixels, tensor) = (new PixelBuffer(), new float[input.Elements]);
        ImageDecoder.Decode(picture, pixels);
        new ImagePreparer(input).Prepare(pixels, tensor);
        return tensor;
    }
}
