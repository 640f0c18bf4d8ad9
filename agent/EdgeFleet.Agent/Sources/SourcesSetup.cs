using EdgeFleet.Agent.Health;
using EdgeFleet.Agent.Hosting;
using EdgeFleet.Agent.Inference;
using EdgeFleet.Agent.Sources.Commands;
using EdgeFleet.Agent.Sources.Http;
using EdgeFleet.Agent.Sources.Mqtt;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeFleet.Agent.Sources;

/// <summary>Where samples come from: a worker a slot.</summary>
internal static class SourcesSetup
{
    /// <summary>Adds them, for the slots that inference has added before.</summary>
    public static IServiceCollection AddSources(this IServiceCollection services)
    {
        var hosts = services.Where(s => s.ServiceType == typeof(SlotHost)).Select(s => s.ImplementationInstance).OfType<SlotHost>().ToList();
        services.TryAddSingleton(_ => AgentProgram.Current());
        foreach (var host in hosts)
        {
            services.AddSingleton<IHostedService>(sp => new SourceWorker(
                host, Open(host, sp), sp.GetRequiredService<HealthBoard>(), sp.GetRequiredService<TimeProvider>(), sp.GetRequiredService<ILogger<SourceWorker>>()));
        }

        return services;
    }

    private static ISampleSource Open(SlotHost host, IServiceProvider services)
    {
        var time = services.GetRequiredService<TimeProvider>();
        var slot = new SlotLog(host.Slot, services.GetRequiredService<ILogger<SourceWorker>>());
        return host.Options.Source.Of switch
        {
            ImageFolderOptions images => new ImageFolderSource(images),
            CsvOptions csv => new CsvWindowSource(csv),
            HttpSourceOptions http => new HttpSource(http, host.SourceCounters, time),
            MqttSourceOptions mqtt => new MqttSource(mqtt, host.SourceCounters, time, slot),
            CommandOptions command => new CommandSource(command, host.SourceCounters, services.GetRequiredService<AgentProgram>(), time, slot),
            var other => throw new InvalidOperationException($"A source of {other?.GetType().Name ?? "no kind"} passed the configuration's checks."),
        };
    }
}
