using EdgeFleet.Shared.Models;

namespace EdgeFleet.Shared.Tests.Models;

public sealed class ReleaseVersionTests
{
    [Theory]
    [InlineData("1.9.0", "1.10.0")]
    [InlineData("1.0", "1.0.1")]
    [InlineData("1.0.0-rc.2", "1.0.0")]
    [InlineData("1.0.0-alpha", "1.0.0-alpha.1")]
    [InlineData("1.0.0-alpha.1", "1.0.0-alpha.beta")]
    [InlineData("1.0.0-beta.2", "1.0.0-beta.11")]
    [InlineData("2", "10")]
    [InlineData("1.99999999999999999998", "1.99999999999999999999")]
    public void The_first_is_older_than_the_second(string older, string newer)
    {
        Assert.True(ReleaseVersion.Compare(older, newer) < 0);
        Assert.True(ReleaseVersion.Compare(newer, older) > 0);
        Assert.Equal(newer, ReleaseVersion.Later(older, newer));
    }

    [Theory]
    [InlineData("1.0", "1.0.0")]
    [InlineData("1.0.0+one", "1.0.0+two")]
    [InlineData("01.2.3", "1.2.3")]
    public void These_are_one_version(string one, string other) => Assert.Equal(0, ReleaseVersion.Compare(one, other));
}
