using System.Text.Json;
using Microsoft.Extensions.Configuration;

namespace EdgeFleet.Agent.Hosting;

/// <summary>Finds and loads the configuration file, with the environment over it.</summary>
internal static class ConfigFile
{
    /// <summary>Where the configuration stands when nothing else is said.</summary>
    public const string DefaultPath = "/etc/edgefleet/agent.json";

    private const string EnvironmentPrefix = "EDGEFLEET_";

    /// <summary>The file that <c>--config</c> names, else <see cref="DefaultPath"/>.</summary>
    public static string PathFrom(IReadOnlyList<string> args)
    {
        for (var i = 0; i < args.Count; i++)
        {
            if (args[i] == "--config" && i + 1 < args.Count)
                return args[i + 1];
            if (args[i].StartsWith("--config=", StringComparison.Ordinal))
                return args[i]["--config=".Length..];
        }

        return args.Contains("--config")
            ? throw new ConfigException([new ConfigFault("--config", "names no file", $"--config {DefaultPath}")])
            : DefaultPath;
    }

    /// <summary>Loads the file and the variables that begin with <c>EDGEFLEET_</c>.</summary>
    /// <exception cref="ConfigException">The file is absent, unreadable or not JSON.</exception>
    public static IConfigurationRoot Load(string path)
    {
        var full = Path.GetFullPath(path);
        if (!File.Exists(full))
            throw new ConfigException([new ConfigFault(full, "there is no such file", $"copy the example to {DefaultPath}, or name another with --config FILE")]);

        try
        {
            return new ConfigurationBuilder().AddJsonFile(full, optional: false, reloadOnChange: false).AddEnvironmentVariables(EnvironmentPrefix).Build();
        }
        catch (InvalidDataException e) when (e.GetBaseException() is JsonException json)
        {
            var line = json.LineNumber is { } number ? $"{full}, line {number + 1}" : full;
            throw new ConfigException([new ConfigFault(line, $"is not JSON: {Short(json.Message)}", "")]);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            throw new ConfigException([new ConfigFault(full, $"cannot be read: {e.GetBaseException().Message}", $"sudo chown root:edgefleet {full} && sudo chmod 640 {full}")]);
        }
    }

    // The parser ends its sentence with line numbers that count from 0, which would contradict ours.
    private static string Short(string message) => message.Split(" LineNumber:")[0];
}
