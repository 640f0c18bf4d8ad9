using System.Globalization;
using System.Text.Json;
using EdgeFleet.Testing;
using EdgeFleet.Testing.Processes;

namespace EdgeFleet.Packaging.Tests;

/// <summary>The day that no board believes to be over before it began: that of the commit, whoever builds it and when.</summary>
public sealed class ReleaseDateTests
{
    private static readonly string Agent = Path.Combine(RealData.CheckoutRoot, "agent", "EdgeFleet.Agent");

    [Theory]
    [InlineData("1800000000", "2027-01-15")]
    [InlineData("1793491199", "2026-11-01")]
    [InlineData("0", "2026-11-01")]
    public async Task It_is_the_day_that_the_build_is_told_and_never_before_the_first_release(string epoch, string day) => Assert.Equal(day, await BuiltAsync(epoch));

    [Fact]
    public async Task A_build_that_is_told_nothing_takes_the_day_of_the_commit()
    {
        var (code, _) = await Tool.RunAsync("git", "-C", Agent, "rev-parse", "HEAD");
        Assert.SkipUnless(code == 0, "This is no checkout of git.");
        var (_, committed) = await Tool.RunAsync("git", "-C", Agent, "log", "-1", "--format=%ct");

        var day = DateTimeOffset.FromUnixTimeSeconds(long.Parse(committed, CultureInfo.InvariantCulture)).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        Assert.Equal(day, await BuiltAsync(""));
    }

    private static async Task<string> BuiltAsync(string epoch)
    {
        var (code, output, all) = await LocalProcess.RunAsync(
            ["dotnet", "msbuild", Agent, "-nologo", "-t:DayOfTheCommit", "-getItem:AssemblyMetadata"], TimeSpan.FromSeconds(100), TestContext.Current.CancellationToken,
            new Dictionary<string, string> { ["SOURCE_DATE_EPOCH"] = epoch });
        Assert.True(code == 0, all);
        using var json = JsonDocument.Parse(output);
        return json.RootElement.GetProperty("Items").GetProperty("AssemblyMetadata").EnumerateArray().Single(i => i.GetProperty("Identity").GetString() == "ReleaseDate").GetProperty("Value").GetString()!;
    }
}
