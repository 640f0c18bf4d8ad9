using EdgeFleet.Testing;
using EdgeFleet.Testing.Processes;

namespace EdgeFleet.Benchmarks.Install;

/// <summary>Programs of this machine and of this checkout.</summary>
internal static class Commands
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(20);

    /// <summary>Path of a program of this checkout.</summary>
    public static string Own(params string[] path) => Path.Combine([RealData.CheckoutRoot, .. path]);

    /// <summary>Runs a program that must succeed; its standard output.</summary>
    public static async Task<string> RunAsync(IReadOnlyList<string> command, CancellationToken cancel, IReadOnlyDictionary<string, string>? environment = null)
    {
        var (code, output, all) = await LocalProcess.RunAsync(command, Limit, cancel, environment);
        return code == 0 ? output : throw new ShortException($"{string.Join(' ', command)} ended with {code}:\n{string.Join('\n', all.Split('\n').TakeLast(40))}");
    }
}
