using EdgeFleet.Testing;
using EdgeFleet.Testing.Processes;

namespace EdgeFleet.Packaging.Tests;

/// <summary>The compose file, by its own tool where that is installed (Debian: docker-compose); it needs no daemon for this.</summary>
public sealed class ComposeTests
{
    private static string ComposeFile => Path.Combine(RealData.CheckoutRoot, "provisioning", "compose", "compose.yaml");

    [Fact]
    public async Task It_is_valid_and_says_what_it_needs()
    {
        Assert.SkipWhen(Tool is null, "docker-compose is not installed.");
        var (code, output, all) = await RunAsync(new Dictionary<string, string> { ["EDGEFLEET_HOST"] = "fleet.example" });
        Assert.True(code == 0, all);
        Assert.Contains("EDGEFLEET_ControlPlane__Hosts__0: fleet.example", output, StringComparison.Ordinal);
        Assert.Contains("read_only: true", output, StringComparison.Ordinal);

        (code, _, all) = await RunAsync([]);
        Assert.NotEqual(0, code);
        Assert.Contains("set it to the name under which boards reach this machine", all, StringComparison.Ordinal);
    }

    private static string? Tool => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(d => Path.Combine(d, "docker-compose")).FirstOrDefault(File.Exists);

    private static Task<(int Code, string Output, string All)> RunAsync(Dictionary<string, string> environment) =>
        LocalProcess.RunAsync([Tool!, "-f", ComposeFile, "config"], TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken, environment);
}
