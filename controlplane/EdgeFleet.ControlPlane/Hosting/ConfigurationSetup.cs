namespace EdgeFleet.ControlPlane.Hosting;

/// <summary>Where settings come from: appsettings.json beside the program, the file of <c>--config</c>, the environment; the last one counts.</summary>
internal static class ConfigurationSetup
{
    /// <summary>Prefix of settings in the environment.</summary>
    public const string Prefix = "EDGEFLEET_";

    /// <summary>Puts the three sources in place of the framework's own.</summary>
    /// <exception cref="ConfigurationFault">The file is not there or is not JSON.</exception>
    public static void AddSettings(this ConfigurationManager configuration, string? file)
    {
        configuration.Sources.Clear();
        Read(configuration, Path.Combine(AppContext.BaseDirectory, "appsettings.json"), isOptional: true);
        if (file is not null)
            Read(configuration, file, isOptional: false);
        configuration.AddEnvironmentVariables(Prefix);
    }

    private static void Read(ConfigurationManager configuration, string file, bool isOptional)
    {
        try
        {
            configuration.AddJsonFile(file, isOptional, reloadOnChange: false);
        }
        catch (FileNotFoundException)
        {
            throw new ConfigurationFault([$"--config: there is no file {file}"]);
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationFault([$"{file}: {(e.InnerException ?? e).Message}"]);
        }
    }
}

/// <summary>The configuration cannot be used; one line a fault, each with key, what is wrong, and an example.</summary>
internal sealed class ConfigurationFault(IReadOnlyList<string> faults) : Exception(string.Join('\n', faults))
{
    /// <summary>Exit code EX_CONFIG of sysexits.h: a supervisor need not try again.</summary>
    public const int ExitCode = 78;

    public IReadOnlyList<string> Faults { get; } = faults;
}
