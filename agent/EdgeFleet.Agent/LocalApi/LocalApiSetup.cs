using EdgeFleet.Agent.Connectivity;
using EdgeFleet.Agent.Health;
using EdgeFleet.Agent.Hosting;
using EdgeFleet.Agent.Inference;
using EdgeFleet.Agent.Power;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace EdgeFleet.Agent.LocalApi;

/// <summary>The slots' models and metrics for other programs on the board.</summary>
internal static class LocalApiSetup
{
    private const long BodiesAtATime = 4;

    /// <summary>Adds it, for the slots that inference has added before; nothing at all when it is off.</summary>
    public static IServiceCollection AddLocalApi(this IServiceCollection services, IConfiguration configuration)
    {
        var options = services.AddSection(configuration, LocalApiOptions.Section, LocalApiOptions.Read);
        if (options.Listen is null)
            return services;

        foreach (var host in services.Where(s => s.ServiceType == typeof(SlotHost)).Select(s => s.ImplementationInstance).OfType<SlotHost>().ToList())
            host.Queue.Calls.LengthMax = options.QueueLength;
        return services
            .AddSingleton(options)
            .AddSingleton(new BodyBudget(options.BodyBytesMax * BodiesAtATime))
            .AddSingleton<LatencyWatch>()
            .AddSingleton<ISampleObserver>(sp => sp.GetRequiredService<LatencyWatch>())
            .AddSingleton(sp => new MetricsParts(
                sp.GetRequiredService<LatencyWatch>(), sp.GetRequiredService<HealthBoard>(), sp.GetService<OutboxStore>(), sp.GetService<PowerBoard>()))
            .AddSingleton<MetricsPage>()
            .AddSingleton<ModelDoor>()
            .AddSingleton<InferenceApi>()
            .AddSingleton<ClassifyApi>()
            .AddSingleton<ApiToken>()
            .AddSingleton<ApiRouter>()
            .AddSingleton<ApiConnection>()
            .AddSingleton<ApiListener>()
            .AddSingleton<IHostedService>(sp => sp.GetRequiredService<ApiListener>());
    }
}
