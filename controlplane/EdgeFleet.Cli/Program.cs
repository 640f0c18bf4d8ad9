using EdgeFleet.Cli;
using EdgeFleet.Cli.Output;
using Spectre.Console;

// Into a pipe or a file nothing is folded: lines are for other programs then.
if (Console.IsOutputRedirected)
    AnsiConsole.Profile.Width = 400;

var parsed = CommandTree.Create().Parse(args);
var code = await parsed.InvokeAsync();
return parsed.Errors.Count > 0 ? ExitCode.Usage : code;
