using EdgeFleet.Shared.Models;
using EdgeFleet.Testing.Packages;

namespace EdgeFleet.Benchmarks.Compat;

/// <summary>Packages that tell red from green from blue.</summary>
internal static class CompatPackages
{
    private static readonly (byte Red, byte Green, byte Blue)[] Colours = [(230, 20, 20), (20, 230, 20), (20, 20, 230)];

    /// <summary>A version with tensors in its golden set, as the first tools packed it.</summary>
    public static TestPackage Version(int version) => TestPackage.Build(Spec(version));

    /// <summary>A version with photos in its golden set and no tensors, as <c>model pack</c> does now.</summary>
    public static TestPackage WithPhotos(int version)
    {
        var spec = Spec(version);
        byte[][] photos = [.. Enumerable.Range(0, 12).Select(i => Colours[i % 3]).Select((c, i) => TestImages.Png(c.Red, (byte)(c.Green + i), c.Blue, 32, 32))];
        return TestPackage.Build(spec with { GoldenInputs = [.. photos.Select(p => Prepared(spec.Input, p))], GoldenPhotos = photos });
    }

    // A board that sees red raises an alert.
    private static TestPackageSpec Spec(int version) => TestPackageSpec.Colours($"{version}.0.0", TinyModel.OfColours() with { Gain = 20 + version / 8f }) with
    {
        Alerts = [new AlertRule { Id = "red-leaf", Label = "red" }],
    };

    private static float[] Prepared(InputSpec input, byte[] photo)
    {
        var (pixels, tensor) = (new PixelBuffer(), new float[input.Elements]);
        ImageDecoder.Decode(photo, pixels);
        new ImagePreparer(input).Prepare(pixels, tensor);
        return tensor;
    }
}
