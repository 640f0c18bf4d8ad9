using System.Text.Json;
using Microsoft.Extensions.Configuration;

namespace EdgeFleet.Agent.Hosting;

/// <summary>
/// Finds and loads the configuration: the main file, over it every <c>*.json</c> of the folder <c>config.d</c> beside it in the order of their names, and the
/// environment over all. Comments and trailing commas are allowed: people edit these files.
/// </summary>
internal static class ConfigFile
{
    /// <summary>Where the configuration stands when nothing else is said.</summary>
    public const string DefaultPath = "/etc/edgefleet/agent.json";

    /// <summary>Folder beside the main file whose files go over it.</summary>
    public const string PartsFolder = "config.d";

    private const string EnvironmentPrefix = "EDGEFLEET_";

    /// <summary>The file that <c>--config</c> names, else <see cref="DefaultPath"/>; absolute.</summary>
    public static string PathFrom(IReadOnlyList<string> args)
    {
        for (var i = 0; i < args.Count; i++)
        {
            if (args[i] == "--config" && i + 1 < args.Count)
                return Path.GetFullPath(args[i + 1]);
            if (args[i].StartsWith("--config=", StringComparison.Ordinal))
                return Path.GetFullPath(args[i]["--config=".Length..]);
        }

        return args.Contains("--config")
            ? throw new ConfigException([new ConfigFault("--config", "names no file", $"--config {DefaultPath}")])
            : DefaultPath;
    }

    /// <summary>Loads the files and the variables that begin with <c>EDGEFLEET_</c>.</summary>
    /// <exception cref="ConfigException">A file is absent, unreadable or not JSON; every such file is named.</exception>
    public static IConfigurationRoot Load(string path) => WithEnvironment(LoadFiles(path));

    /// <summary>Loads the files alone.</summary>
    /// <exception cref="ConfigException">A file is absent, unreadable or not JSON; every such file is named.</exception>
    public static IConfigurationRoot LoadFiles(string path)
    {
        var (files, faults) = LoadReadable(path);
        return faults.Count == 0 ? files : throw new ConfigException(faults);
    }

    /// <summary>Loads the files that can be read, and says what is wrong with the others.</summary>
    public static (IConfigurationRoot Files, IReadOnlyList<ConfigFault> Faults) LoadReadable(string path)
    {
        var full = Path.GetFullPath(path);
        if (!File.Exists(full))
            return (new ConfigurationBuilder().Build(), [new ConfigFault(full, "there is no such file", $"copy the example to {DefaultPath}, or name another with --config FILE")]);

        var builder = new ConfigurationBuilder();
        var faults = new List<ConfigFault>();
        foreach (var file in (string[])[full, .. Parts(full, faults)])
        {
            if (Read(file, out var values) is { } fault)
                faults.Add(fault);
            else
                builder.AddInMemoryCollection(values);
        }

        return (builder.Build(), faults);
    }

    /// <summary>Puts the variables that begin with <c>EDGEFLEET_</c> over a configuration.</summary>
    public static IConfigurationRoot WithEnvironment(IConfiguration files) =>
        new ConfigurationBuilder().AddConfiguration(files).AddEnvironmentVariables(EnvironmentPrefix).Build();

    private static IEnumerable<string> Parts(string mainFile, List<ConfigFault> faults)
    {
        var folder = Path.Combine(Path.GetDirectoryName(mainFile)!, PartsFolder);
        try
        {
            return Directory.Exists(folder) ? Directory.GetFiles(folder, "*.json").Order(StringComparer.Ordinal) : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            faults.Add(Unreadable(folder, e));
            return [];
        }
    }

    private static ConfigFault? Read(string file, out IEnumerable<KeyValuePair<string, string?>> values)
    {
        values = [];
        try
        {
            values = [.. new ConfigurationBuilder().AddJsonFile(file, optional: false, reloadOnChange: false).Build().AsEnumerable()];
            return null;
        }
        catch (InvalidDataException e) when (e.GetBaseException() is JsonException json)
        {
            var line = json.LineNumber is { } number ? $"{file}, line {number + 1}" : file;
            return new ConfigFault(line, $"is not JSON: {Short(json.Message)}", "");
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException or FormatException)
        {
            return Unreadable(file, e);
        }
    }

    private static ConfigFault Unreadable(string path, Exception e) =>
        new(path, $"cannot be read: {e.GetBaseException().Message}", $"sudo chown root:edgefleet {path} && sudo chmod u=rwX,g=rX,o= {path}");

    // The parser ends its sentence with line numbers that count from 0, which would contradict ours.
    private static string Short(string message) => message.Split(" LineNumber:")[0];
}
