using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace EdgeFleet.Agent.Hosting;

/// <summary>How a capability takes its section of the configuration: read once at the start, mistakes gathered over all sections.</summary>
internal static class ConfigSetup
{
    // Sections that later readers or other programs own; a stray section beside these is a misspelt one.
    private static readonly string[] Sections =
        ["Agent", "Slots", "Inference", "Monitoring", "Drift", "Alerts", "Updates", "Connectivity", "Enrolment", "Logging", "Health", "Power", "LocalApi"];

    /// <summary>Reads a section and registers what came out as <see cref="IOptions{T}"/>; its mistakes are kept for <see cref="ThrowIfMisconfigured"/>.</summary>
    public static T AddSection<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] T>(
        this IServiceCollection services, IConfiguration configuration, string name, Func<ConfigSection, T> read)
        where T : class
    {
        var options = Read(configuration, name, read, FaultsOf(services));
        services.AddSingleton<IOptions<T>>(Options.Create(options));
        return options;
    }

    /// <summary>Reads one section alone, for commands that need no host.</summary>
    /// <exception cref="ConfigException">The section has mistakes.</exception>
    public static T ReadSection<T>(this IConfiguration configuration, string name, Func<ConfigSection, T> read)
    {
        var faults = new ConfigFaults();
        var options = Read(configuration, name, read, faults);
        return faults.All.Count == 0 ? options : throw new ConfigException(faults.All);
    }

    /// <summary>Ends the start with every mistake of every section that was read, and of sections that nobody reads.</summary>
    /// <exception cref="ConfigException">There is at least one.</exception>
    public static void ThrowIfMisconfigured(this IServiceCollection services, IConfiguration configuration)
    {
        var faults = FaultsOf(services);
        foreach (var stray in configuration.GetChildren().Where(c => c.Value is null && !Sections.Contains(c.Key, StringComparer.OrdinalIgnoreCase)))
            faults.Add(stray.Key, $"is no section of the configuration; there are {string.Join(", ", Sections)}");

        if (faults.All.Count > 0)
            throw new ConfigException(faults.All);
    }

    private static T Read<T>(IConfiguration configuration, string name, Func<ConfigSection, T> read, ConfigFaults faults)
    {
        var section = new ConfigSection(configuration.GetSection(name), faults);
        var options = read(section);
        section.RejectUnknown();
        return options;
    }

    private static ConfigFaults FaultsOf(IServiceCollection services)
    {
        if (services.FirstOrDefault(s => s.ServiceType == typeof(ConfigFaults))?.ImplementationInstance is ConfigFaults known)
            return known;

        var faults = new ConfigFaults();
        services.AddSingleton(faults);
        return faults;
    }
}
