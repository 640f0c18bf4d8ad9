using EdgeFleet.Testing.Processes;

namespace EdgeFleet.Demo;

/// <summary>Runs <c>edgefleet</c> as a person would, with a home of its own, and shows it.</summary>
internal sealed class Cli(string home, CancellationToken cancel)
{
    private static readonly TimeSpan TimeLimit = TimeSpan.FromMinutes(4);

    /// <summary>Runs a command that must succeed; returns its standard output.</summary>
    public async Task<string> RunAsync(params IReadOnlyList<string> arguments) => await RunWithInputAsync(null, arguments);

    /// <summary>Runs a command that must succeed, with a line of input.</summary>
    public async Task<string> RunWithInputAsync(string? input, IReadOnlyList<string> arguments)
    {
        var (code, output, all) = await StartAsync(input, arguments);
        return code == 0 ? output : throw new DemoException($"edgefleet {string.Join(' ', arguments)} ended with {code}: {all}");
    }

    /// <summary>Runs a command that must be refused; returns what it said.</summary>
    public async Task<string> RefusedAsync(params IReadOnlyList<string> arguments)
    {
        var (code, _, all) = await StartAsync(null, arguments);
        return code != 0 ? all : throw new DemoException($"edgefleet {string.Join(' ', arguments)} succeeded where it must be refused.");
    }

    private async Task<(int Code, string Output, string All)> StartAsync(string? input, IReadOnlyList<string> arguments)
    {
        Narrator.Typed("edgefleet " + string.Join(' ', arguments.Select(Shown)));
        var environment = new Dictionary<string, string> { ["XDG_CONFIG_HOME"] = home, ["NO_COLOR"] = "1", ["COLUMNS"] = "160" };
        var result = await LocalProcess.RunAsync([.. BuiltPrograms.Cli, .. arguments], TimeLimit, cancel, environment, input);
        Narrator.Printed(result.All);
        return result;
    }

    private static string Shown(string argument) => argument.StartsWith('/') ? "…/" + Path.GetFileName(argument) : argument.Contains(' ') ? $"'{argument}'" : argument;
}
