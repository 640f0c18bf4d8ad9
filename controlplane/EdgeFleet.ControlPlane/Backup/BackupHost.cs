using EdgeFleet.ControlPlane.Data;
using EdgeFleet.ControlPlane.Hosting;
using EdgeFleet.ControlPlane.Models;

namespace EdgeFleet.ControlPlane.Backup;

/// <summary>As much of the control plane as a backup needs: the whole of it would make a CA and keys in an empty data folder.</summary>
internal static class BackupHost
{
    /// <summary>Puts it together; it says nothing on standard output, where the archive may go.</summary>
    /// <exception cref="ConfigurationFault">The configuration cannot be read.</exception>
    public static ServiceProvider Build(string? configurationFile)
    {
        var configuration = new ConfigurationManager();
        configuration.AddSettings(configurationFile);
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(configuration).AddLogging();
        services.AddData(configuration);
        services.AddOptions<PackageOptions>().BindConfiguration(PackageOptions.Section).ValidateDataAnnotations();
        services.AddSingleton<PackageMetadata>();
        return services.BuildServiceProvider();
    }
}
