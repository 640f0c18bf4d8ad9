using EdgeFleet.ModelPrep.Packing;

namespace EdgeFleet.ModelPrep.Tests.Packing;

public sealed class PackNumbersTests
{
    [Fact]
    public void Fractions_and_lists_are_read()
    {
        Assert.Equal([1 / 127.5f], PackNumbers.Parse("--scale", "1/127.5"));
        Assert.Equal([0.485f, 0.456f, 0.406f], PackNumbers.Parse("--mean", "0.485, 0.456,0.406"));
        Assert.Equal([-1f], PackNumbers.Parse("--offset", "-1"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("1/0")]
    [InlineData("1/2/3")]
    [InlineData("one")]
    [InlineData("NaN")]
    public void Other_texts_are_refused_with_the_options_name(string text) =>
        Assert.StartsWith("--scale", Assert.Throws<PackException>(() => PackNumbers.Parse("--scale", text)).Message, StringComparison.Ordinal);

    [Fact]
    public void Mean_and_deviation_count_in_unit_or_pixel_values()
    {
        var (scale, offset) = PackNumbers.FromMeanAndDeviation([0.5f], [0.25f]);
        Assert.Equal((1 / 63.75f, -2f), (scale[0], offset[0]));

        (scale, offset) = PackNumbers.FromMeanAndDeviation([127.5f], [127.5f]);
        Assert.Equal((1 / 127.5f, -1f), (scale[0], offset[0]));
    }
}
