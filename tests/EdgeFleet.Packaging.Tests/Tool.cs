using EdgeFleet.Testing;
using EdgeFleet.Testing.Processes;

namespace EdgeFleet.Packaging.Tests;

/// <summary>Programs of the system that judge what is packed.</summary>
internal static class Tool
{
    public static string Provisioning(string path) => Path.Combine(RealData.CheckoutRoot, "provisioning", path);

    /// <summary>Runs a program; the test is skipped with its name where it is not installed.</summary>
    public static async Task<(int Code, string All)> RunAsync(IReadOnlyDictionary<string, string>? environment, params string[] command)
    {
        var searched = Environment.GetEnvironmentVariable("PATH")!.Split(':');
        Assert.SkipUnless(Path.IsPathRooted(command[0]) || searched.Any(f => File.Exists(Path.Combine(f, command[0]))), $"{command[0]} is not installed; make test installs it.");
        var (code, _, all) = await LocalProcess.RunAsync(command, TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken, environment);
        return (code, all);
    }

    public static Task<(int Code, string All)> RunAsync(params string[] command) => RunAsync(null, command);
}
