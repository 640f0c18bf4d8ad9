using System.CommandLine;
using EdgeFleet.Cli.Access;
using EdgeFleet.Cli.Alerts;
using EdgeFleet.Cli.Ca;
using EdgeFleet.Cli.Connection;
using EdgeFleet.Cli.Devices;
using EdgeFleet.Cli.Enrolment;
using EdgeFleet.Cli.Models;
using EdgeFleet.Cli.Output;
using EdgeFleet.Cli.Rollouts;
using Spectre.Console;

// Into a pipe or a file nothing is folded: lines are for other programs then.
if (Console.IsOutputRedirected)
    AnsiConsole.Profile.Width = 400;

var root = new RootCommand("edgefleet: models, rollouts, devices and alerts of a fleet of boards.")
{
    LoginCommand.Create(),
    TokenCommand.Create(),
    EnrolCommand.Create(),
    CaCommand.Create(),
    ModelCommand.Create(),
    RolloutCommand.Create(),
    DeviceCommand.Create(),
    AlertCommand.Create(),
};
ConnectionOptions.AddTo(root);
OutputOptions.AddTo(root);

var parsed = root.Parse(args);
var code = await parsed.InvokeAsync();
return parsed.Errors.Count > 0 ? ExitCode.Usage : code;
