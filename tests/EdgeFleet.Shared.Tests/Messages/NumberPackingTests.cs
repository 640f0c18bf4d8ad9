using EdgeFleet.Shared.Messages;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace EdgeFleet.Shared.Tests.Messages;

public sealed class NumberPackingTests
{
    [Property]
    public bool Numbers_come_back(long[] numbers) => NumberPacking.Unpack(NumberPacking.Pack(numbers)).SequenceEqual(numbers);

    [Property]
    public Property Extremes_come_back() => Prop.ForAll(
        Gen.Elements(long.MinValue, long.MaxValue, 0, 1, -1, 1 << 20, 1L << 40).ArrayOf().ToArbitrary(), numbers => NumberPacking.Unpack(NumberPacking.Pack(numbers)).SequenceEqual(numbers));

    [Fact]
    public void Like_numbers_take_few_characters()
    {
        Assert.InRange(NumberPacking.Pack([.. Enumerable.Repeat(60L, 15)]).Length, 1, 8);
        Assert.InRange(NumberPacking.Pack([.. Enumerable.Range(0, 16).Select(i => 2200L + 37 * i % 90)]).Length, 1, 28);
    }

    [Theory]
    [InlineData("?")]
    [InlineData("AAAA")]
    [InlineData("/////////////////w")]
    [InlineData("YWJj")]
    public void What_was_not_packed_is_refused(string text) => Assert.Throws<FormatException>(() => NumberPacking.Unpack(text));

    [Property]
    public bool No_text_breaks_it(string text)
    {
        try
        {
            NumberPacking.Unpack(text ?? "");
            return true;
        }
        catch (FormatException)
        {
            return true;
        }
    }
}
