using EdgeFleet.ControlPlane.Devices;

namespace EdgeFleet.ControlPlane.Tests.Devices;

public sealed class DeviceSelectorTests
{
    private static readonly SelectorFacts Board = new("leaf-1", "Luzon", ["lab", "arabica"], "orin-nano", ["leaf", "pump-3"]);

    [Theory]
    [InlineData("all", true)]
    [InlineData("site=luzon", true)]
    [InlineData("site=cebu", false)]
    [InlineData("site=cebu,luzon", true)]
    [InlineData("tag=lab and tag=arabica", true)]
    [InlineData("tag=lab and tag=robusta", false)]
    [InlineData(" site = luzon  and  hw=orin-nano and slot=pump-3 ", true)]
    [InlineData("device=leaf-2,leaf-1", true)]
    [InlineData("device=leaf", false)]
    [InlineData("slot=leaf and hw=generic", false)]
    public void A_selector_chooses_by_every_condition(string text, bool chosen)
    {
        Assert.True(DeviceSelector.TryParse(text, out var selector, out var error), error);
        Assert.Equal(chosen, selector.Matches(Board));
    }

    [Theory]
    [InlineData(null, "is empty")]
    [InlineData("site", "'site' is not a condition")]
    [InlineData("place=luzon", "There is no key 'place'")]
    [InlineData("site=luzon and", "missing beside 'and'")]
    [InlineData("and site=luzon", "missing beside 'and'")]
    [InlineData("site=", "'' is not a value of 'site'")]
    [InlineData("site=a,,b", "'' is not a value of 'site'")]
    [InlineData("site=a tag=b", "'site=a tag=b' is not a condition")]
    [InlineData("site=a b", "'a b' is not a value of 'site'")]
    [InlineData("all and site=a", "'all' stands alone")]
    public void A_bad_selector_is_told_what_is_wrong_with_an_example(string? text, string wrong)
    {
        Assert.False(DeviceSelector.TryParse(text, out _, out var error));
        Assert.Contains(wrong, error, StringComparison.Ordinal);
        Assert.Contains("For example: site=luzon and tag=lab", error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_text_of_a_selector_reads_back_as_the_same_selector()
    {
        Assert.True(DeviceSelector.TryParse(" site = a , b and  tag=x", out var selector, out _));

        Assert.Equal("site=a,b and tag=x", selector.Text);
        Assert.True(DeviceSelector.TryParse(selector.Text, out var again, out _));
        Assert.Equal(selector.Text, again.Text);
    }
}
