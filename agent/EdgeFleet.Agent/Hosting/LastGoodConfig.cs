using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeFleet.Agent.Health;
using EdgeFleet.Shared.Files;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EdgeFleet.Agent.Hosting;

/// <summary>
/// Keeps the configuration that the agent last started with, as <c>config.last-good.json</c> in the state folder, and starts with it when the files are broken:
/// a mistake in an editor on a board that nobody stands by must not end its work. What is wrong is said as a warning until a start reads the files again.
/// </summary>
internal static partial class LastGoodConfig
{
    /// <summary>Warning while an older configuration is in force.</summary>
    public const string Warning = "config-broken";

    private const string FileName = "config.last-good.json";
    private const string DefaultStateFolder = "/var/lib/edgefleet";

    /// <summary>Builds the host from the files, else from the last good configuration.</summary>
    /// <param name="path">Main file of the configuration.</param>
    /// <param name="build">Builds; throws for a configuration that cannot be used.</param>
    /// <exception cref="ConfigException">The files cannot be used and there is no last good configuration, or it has mistakes too by now.</exception>
    public static IHost Build(string path, Func<IConfiguration, IHost> build)
    {
        try
        {
            var files = ConfigFile.LoadFiles(path);
            var host = build(ConfigFile.WithEnvironment(files));
            Keep(path, files, host.Services);
            return host;
        }
        catch (ConfigException broken)
        {
            return Find(path) is { } good && TryBuild(good, build) is { } host ? Warn(host, path, broken) : throw new ConfigException(broken.Faults);
        }
    }

    private static IHost? TryBuild(IConfiguration good, Func<IConfiguration, IHost> build)
    {
        try
        {
            return build(ConfigFile.WithEnvironment(good));
        }
        catch (ConfigException)
        {
            // For example a folder that was there then: the mistakes of the files are what the operator must hear of.
            return null;
        }
    }

    private static IHost Warn(IHost host, string path, ConfigException broken)
    {
        var text = $"{path} and its {ConfigFile.PartsFolder} cannot be used, so the configuration of the last good start is in force: {string.Join(" | ", broken.Faults)}";
        host.Services.GetRequiredService<HealthBoard>().Raise(Warning, null, text,
            "Correct it, see that 'edgefleet-agent check' has no complaint, and restart: systemctl restart edgefleet-agent");
        Log.LastGoodInForce(host.Services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(LastGoodConfig).FullName!), text);
        return host;
    }

    // Written only when it changed: flash cards wear out.
    private static void Keep(string path, IConfigurationRoot files, IServiceProvider services)
    {
        var kept = new KeptConfig { Path = path, Values = files.AsEnumerable().Where(v => v.Value is not null).OrderBy(v => v.Key, StringComparer.Ordinal).ToDictionary(v => v.Key, v => v.Value!) };
        var file = Path.Combine(services.GetRequiredService<IOptions<AgentOptions>>().Value.StateFolder, FileName);
        var bytes = JsonSerializer.SerializeToUtf8Bytes(kept, KeptConfigJson.Default.KeptConfig);
        try
        {
            if (!File.Exists(file) || !File.ReadAllBytes(file).AsSpan().SequenceEqual(bytes))
                DurableFile.Replace(file, bytes, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.NotKept(services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(LastGoodConfig).FullName!), e.Message);
        }
    }

    private static IConfiguration? Find(string path)
    {
        var files = ConfigFile.WithEnvironment(ConfigFile.LoadReadable(path).Files);
        string?[] folders = [files[$"{AgentOptions.Section}:{nameof(AgentOptions.StateFolder)}"], Environment.GetEnvironmentVariable("STATE_DIRECTORY"), DefaultStateFolder];
        var kept = folders.OfType<string>().Select(f => Read(Path.Combine(f, FileName))).FirstOrDefault(k => k?.Path == path);
        return kept is null ? null : new ConfigurationBuilder().AddInMemoryCollection(kept.Values.Select(v => KeyValuePair.Create(v.Key, (string?)v.Value))).Build();
    }

    private static KeptConfig? Read(string file)
    {
        try
        {
            return File.Exists(file) && JsonSerializer.Deserialize(File.ReadAllBytes(file), KeptConfigJson.Default.KeptConfig) is { V: 1 } kept ? kept : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "{Text}")]
        public static partial void LastGoodInForce(ILogger logger, string text);

        [LoggerMessage(LogLevel.Warning, "The configuration in force was not kept as the last good one: {Cause}")]
        public static partial void NotKept(ILogger logger, string cause);
    }
}

/// <summary>A configuration as it was in force.</summary>
internal sealed record KeptConfig
{
    /// <summary>Version of the file.</summary>
    public int V { get; set; } = 1;

    /// <summary>Main file that it was read from: another file's configuration is not a fallback.</summary>
    public required string Path { get; init; }

    /// <summary>Values by key, with colons between the levels.</summary>
    public required IReadOnlyDictionary<string, string> Values { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, MaxDepth = 4)]
[JsonSerializable(typeof(KeptConfig))]
internal sealed partial class KeptConfigJson : JsonSerializerContext;
