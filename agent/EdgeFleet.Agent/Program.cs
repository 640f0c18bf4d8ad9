using EdgeFleet.Agent;
using EdgeFleet.Agent.Alerts;
using EdgeFleet.Agent.Commands;
using EdgeFleet.Agent.Connectivity;
using EdgeFleet.Agent.Enrolment;
using EdgeFleet.Agent.Health;
using EdgeFleet.Agent.Hosting;
using EdgeFleet.Agent.Inference;
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

var (verb, rest) = args is [var first, ..] && !first.StartsWith('-') ? (first, args[1..]) : ("run", args);
try
{
    return verb switch
    {
        "run" when !rest.Any(a => a is "--help" or "-h") => await RunAsync(rest),
        "rehearse" => await RehearseCommand.RunAsync(rest),
        SourceExecCommand.Verb => SourceExecCommand.Run(rest),
        "enrol" => await EnrolCommand.RunAsync(rest),
        "renew" => await RenewCommand.RunAsync(rest, Console.Out, Console.Error, TimeProvider.System),
        "key" => KeyCommand.Run(rest, Console.Out, Console.Error),
        _ => Usage.Print(verb),
    };
}
catch (ConfigException e)
{
    return e.Print(Console.Error);
}

static async Task<int> RunAsync(string[] args)
{
    var configuration = ConfigFile.Load(ConfigFile.PathFrom(args));
    var stateFolder = configuration[$"{AgentOptions.Section}:{nameof(AgentOptions.StateFolder)}"] ?? new AgentOptions().StateFolder;
    if (Wipe.IfMarked(stateFolder))
        Console.WriteLine("The board was wiped, as the control plane told it before its last stop.");
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
        .AddLocalApi(configuration);
    builder.Services.ThrowIfMisconfigured(configuration);

    bool startsAnew;
    using (var host = builder.Build())
    {
        var exit = host.Services.GetRequiredService<AgentExit>();
        await host.RunAsync();
        startsAnew = exit.IsAsked;
    }

    // Nothing holds a file any more.
    Wipe.IfMarked(stateFolder);
    return startsAnew ? AgentExit.StartAnewExitCode : 0;
}
