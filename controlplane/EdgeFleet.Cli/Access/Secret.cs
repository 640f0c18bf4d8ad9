using EdgeFleet.Cli.Connection;
using Spectre.Console;

namespace EdgeFleet.Cli.Access;

/// <summary>Reads what nobody should see on a screen or in a list of processes.</summary>
internal static class Secret
{
    /// <summary>A line of standard input, or what is typed at a terminal.</summary>
    /// <exception cref="UsageException">There is no terminal to ask at.</exception>
    public static async Task<string> ReadAsync(bool fromInput, string prompt, CancellationToken cancel)
    {
        if (fromInput)
            return (await Console.In.ReadLineAsync(cancel))?.TrimEnd('\r') ?? "";
        if (Console.IsInputRedirected)
            throw new UsageException("There is no terminal to ask at. Give --password-stdin.");
        return await AnsiConsole.PromptAsync(new TextPrompt<string>(prompt).Secret(), cancel);
    }
}
