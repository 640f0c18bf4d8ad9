using EdgeFleet.ControlPlane.Models.Deltas;

namespace EdgeFleet.ControlPlane.Models;

/// <summary>Registers packages.</summary>
internal static class ModelsSetup
{
    /// <summary>Adds files, uploads, the check, commands and queries, and the signed metadata.</summary>
    public static IServiceCollection AddModels(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<PackageOptions>().Bind(configuration.GetSection(PackageOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<DeltaOptions>().Bind(configuration.GetSection(DeltaOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<DeltaPairs>().AddSingleton<DeltaStore>().AddSingleton<PackageDeltas>();
        return services.AddSingleton<PackageFiles>().AddSingleton<PackageUploads>().AddSingleton<PackageCheck>()
            .AddSingleton<PackageCommands>().AddSingleton<PackageQueries>()
            .AddSingleton<PackageMetadata>().AddSingleton<SignedPackages>().AddHostedService<PackageMetadataWorker>();
    }
}
