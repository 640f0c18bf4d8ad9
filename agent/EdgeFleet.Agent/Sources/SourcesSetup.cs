using EdgeFleet.Agent.Health;
using EdgeFleet.Agent.Inference;
using Microsoft.Extensions.DependencyInjection;
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
        foreach (var host in hosts)
        {
            services.AddSingleton<IHostedService>(sp => new SourceWorker(
                host, Open(host.Options.Source), sp.GetRequiredService<HealthBoard>(), sp.GetRequiredService<TimeProvider>(), sp.GetRequiredService<ILogger<SourceWorker>>()));
        }

        return services;
    }

    private static ISampleSource Open(SourceOptions options) => options.Kind == SourceOptions.Csv ? new CsvWindowSource(options) : new ImageFolderSource(options);
}
