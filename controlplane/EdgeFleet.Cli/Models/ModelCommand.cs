using System.CommandLine;
using EdgeFleet.Cli.Connection;
using EdgeFleet.Cli.Output;
using EdgeFleet.Cli.Samples;
using EdgeFleet.Shared.Api;

namespace EdgeFleet.Cli.Models;

/// <summary><c>edgefleet model quantize|evaluate|explain|inspect|diff|pack|verify|push|pull-samples|list</c>.</summary>
internal static class ModelCommand
{
    public static Command Create() => new("model", "Packages of models.")
    {
        QuantizeCommand.Create(),
        EvaluateCommand.Create(),
        ExplainCommand.Create(),
        InspectCommand.Create(),
        DiffCommand.Create(),
        PackCommand.Create(),
        VerifyCommand.Create(),
        PushCommand.Create(),
        PullSamplesCommand.Create(),
        List(),
    };

    private static Command List()
    {
        var command = new Command("list", "List published versions.");
        command.SetAction((parsed, cancel) => ConnectionOptions.RunAsync(parsed, async client =>
        {
            var packages = await client.PackagesAsync(cancel);
            Printer.List(OutputOptions.Of(parsed), packages, ApiJson.Default.IReadOnlyListPackageSummary, p => $"{p.Name}@{p.Version}",
                "Nothing has been published yet. Start with: edgefleet model pack --help",
                new("MODEL", p => p.Name), new("VERSION", p => p.Version), new("STATE", p => p.State), new("VARIANTS", p => string.Join(", ", p.Variants.Select(v => v.Name))),
                new("SIZE", p => $"{p.Size / 1024.0:0} kB"), new("RUNS ON", p => $"{p.RunsOn}"), new("PUBLISHED", p => $"{Printer.Time(p.Published)} by {p.PublishedBy}"), new("WHY", p => p.Reason));
            return ExitCode.Ok;
        }));
        return command;
    }
}
