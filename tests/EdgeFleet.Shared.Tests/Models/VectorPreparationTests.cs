using EdgeFleet.Shared.Models;
using FsCheck;
using FsCheck.Fluent;

namespace EdgeFleet.Shared.Tests.Models;

public sealed class VectorPreparationTests
{
    // Sizes around the width of a vector and the rows that are narrowed abreast, and shrink factors of cameras.
    private static readonly Gen<int> Side = Gen.OneOf(Gen.Choose(1, 40), Gen.Choose(41, 400));

    [Fact]
    public void Vectors_give_the_same_tensor_and_means_as_the_definition_for_any_size() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll(
        (from size in Gen.ArrayOf(Side, 4)
         from seed in Gen.Choose(0, int.MaxValue)
         from same in Gen.Choose(0, 3)
         select (size, seed, same)).ToArbitrary(),
        drawn =>
        {
            var random = new Random(drawn.seed);
            var (width, height) = (drawn.size[0], drawn.size[1]);
            // Now and then one side, or both, keep their size: paths of their own.
            var spec = Spec((drawn.same & 1) == 1 ? width : drawn.size[2] / 2 + 1, (drawn.same & 2) == 2 ? height : drawn.size[3] / 2 + 1, random);
            var image = new PixelBuffer();
            image.Resize(width, height);
            random.NextBytes(image.Rgbx);
            var (expected, means) = ScalarPreparer.Prepare(spec, image);

            var preparer = new ImagePreparer(spec);
            var tensor = new float[spec.Elements];
            preparer.Prepare(image, tensor);
            var again = new float[spec.Elements];
            preparer.Prepare(image, again);

            return expected.AsSpan().SequenceEqual(tensor) && expected.AsSpan().SequenceEqual(again) && means.SequenceEqual(preparer.Features[..3].ToArray());
        }));

    [Fact]
    public void White_stays_white_in_every_size()
    {
        foreach (var (from, to) in new[] { (640, 224), (1920, 224), (7, 5), (5, 7), (1000, 999), (3, 1) })
        {
            var spec = Spec(to, to, new Random(1)) with { Scale = [1, 1, 1], Offset = [0, 0, 0] };
            var image = new PixelBuffer();
            image.Resize(from, from);
            image.Rgbx.Fill(255);
            var tensor = new float[spec.Elements];

            new ImagePreparer(spec).Prepare(image, tensor);

            Assert.All(tensor, v => Assert.Equal(255, v));
        }
    }

    private static InputSpec Spec(int width, int height, Random random) => new()
    {
        Kind = "image",
        Tensor = "x",
        Layout = random.Next(2) == 0 ? "NCHW" : "NHWC",
        Width = width,
        Height = height,
        ColourOrder = random.Next(2) == 0 ? "RGB" : "BGR",
        Resize = new ResizeSpec { Antialias = random.Next(2) == 0 },
        Scale = [random.NextSingle(), 1 / 127.5f, random.NextSingle()],
        Offset = [random.NextSingle() - 0.5f, -1, random.NextSingle()],
    };
}
