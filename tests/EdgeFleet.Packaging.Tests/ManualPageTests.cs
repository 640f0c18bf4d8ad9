using EdgeFleet.Cli;
using EdgeFleet.Testing;

namespace EdgeFleet.Packaging.Tests;

public sealed class ManualPageTests
{
    [Theory]
    [InlineData("man/edgefleet-agent.8")]
    [InlineData("man/edgefleet-agent.json.5")]
    [InlineData("man/edgefleet-controlplane.8")]
    public async Task A_page_renders_without_a_warning(string page) => await LintAsync(Tool.Provisioning(page));

    [Fact]
    public async Task The_page_of_the_command_line_has_every_command_and_renders_without_a_warning()
    {
        using var folder = new TempFolder();
        var page = ManualPage.Of(CommandTree.Create(), DateTimeOffset.UnixEpoch);
        File.WriteAllText(folder["edgefleet.1"], page);

        Assert.All(["model pack", "model push", "rollout start", "device list", "alert ack", "login"], command => Assert.Contains($"\n.Ss {command}", page, StringComparison.Ordinal));
        Assert.Equal(page, ManualPage.Of(CommandTree.Create(), DateTimeOffset.UnixEpoch));
        await LintAsync(folder["edgefleet.1"]);
    }

    [Fact]
    public async Task Completions_are_bash()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder["edgefleet"], Completion.Bash);

        Assert.Equal((0, ""), await Tool.RunAsync("bash", "-n", folder["edgefleet"]));
        Assert.Equal((0, ""), await Tool.RunAsync("bash", "-n", Tool.Provisioning("deb/edgefleet-agent.completion")));
    }

    private static async Task LintAsync(string path) => Assert.Equal((0, ""), await Tool.RunAsync("mandoc", "-Tlint", "-W", "warning", path));
}
