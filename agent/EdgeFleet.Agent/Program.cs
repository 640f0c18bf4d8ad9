using EdgeFleet.Agent;
using EdgeFleet.Agent.Alerts;
using EdgeFleet.Agent.Board;
using EdgeFleet.Agent.Commands;
using EdgeFleet.Agent.Connectivity;
using EdgeFleet.Agent.Enrolment;
using EdgeFleet.Agent.Health;
using EdgeFleet.Agent.Health.Check;
using EdgeFleet.Agent.Hosting;
using EdgeFleet.Agent.Inference;
using EdgeFleet.Agent.Inference.Runtime;
using EdgeFleet.Agent.LocalApi;
using EdgeFleet.Agent.Monitoring;
using EdgeFleet.Agent.Power;
using EdgeFleet.Agent.Sources;
using EdgeFleet.Agent.Sources.Commands;
using EdgeFleet.Agent.Updates;
using EdgeFleet.Agent.Updates.Rehearsal;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

var (verb, rest) = args is [var first, ..] && (first == "--version" || !first.StartsWith('-')) ? (first, args[1..]) : ("run", args);
try
{
    return verb switch
    {
        _ when rest.Any(a => a is "--help" or "-h") => Usage.Print("help"),
        "run" => await RunAsync(rest),
        "rehearse" => await RehearseCommand.RunAsync(rest),
        CompileCommand.Verb => CompileCommand.Run(rest, Console.Out, Console.Error),
        RuntimeCommand.Verb => await RuntimeCommand.RunAsync(rest, Console.Out, Console.Error),
        SourceExecCommand.Verb => SourceExecCommand.Run(rest),
        "enrol" => await EnrolCommand.RunAsync(rest),
        "renew" => await RenewCommand.RunAsync(rest, Console.Out, Console.Error, TimeProvider.System),
        "key" => KeyCommand.Run(rest, Console.Out, Console.Error),
        "status" => await StatusCommand.RunAsync(rest, Console.Out, Console.Error),
        "check" => await CheckAsync(rest),
        "snapshot" => await SnapshotCommand.RunAsync(rest, Console.Out, Console.Error),
        "logs" => await LogsCommand.RunAsync(rest, Console.Out, Console.Error, CancellationToken.None),
        "--version" or "version" => Usage.PrintVersion(),
        _ => Usage.Print(verb),
    };
}
catch (ConfigException e)
{
    return e.Print(Console.Error);
}

// A method of its own, so that small children of the agent, a rehearsal or a source, load nothing of the configuration.
static Task<int> CheckAsync(string[] args) => CheckCommand.RunAsync(args, configuration => Compose(configuration), Console.Out, Console.Error);

static async Task<int> RunAsync(string[] args)
{
    MemoryWorker.KeepTogether();
    var path = ConfigFile.PathFrom(args);
    var stateFolder = StateFolder.Of(path);
    if (Wipe.IfMarked(stateFolder))
        Console.WriteLine("The board was wiped, as the control plane told it before its last stop.");

    bool startsAnew;
    using (var host = LastGoodConfig.Build(path, configuration => Compose(configuration).Build()))
    {
        var exit = host.Services.GetRequiredService<AgentExit>();
        await host.RunAsync();
        startsAnew = exit.IsAsked;
    }

    // Nothing holds a file any more.
    Wipe.IfMarked(stateFolder);
    return startsAnew ? AgentExit.StartAnewExitCode : 0;
}

static HostApplicationBuilder Compose(IConfiguration configuration)
{
    var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ApplicationName = "edgefleet-agent" });
    builder.Configuration.AddConfiguration(configuration);
    // Parts stop in the reverse order: sources first, and last what their samples end in.
    builder.Services
        .AddHosting(configuration)
        .AddHealth()
        .AddPower(configuration)
        .AddConnectivity(configuration)
        .AddMonitoring(configuration)
        .AddAlerts()
        .AddInference(configuration)
        .AddUpdates(configuration)
        .AddSources()
        .AddLocalApi(configuration)
        .AddBoard();
    builder.Services.ThrowIfMisconfigured(configuration);
    return builder;
}
