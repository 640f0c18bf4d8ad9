using Microsoft.Extensions.DependencyInjection;

namespace EdgeFleet.Agent.Sources;

/// <summary>Where samples come from: a worker a slot.</summary>
internal static class SourcesSetup
{
    /// <summary>Adds them.</summary>
    public static IServiceCollection AddSources(this IServiceCollection services) => services;
}
