using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeFleet.Shared.Files;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EdgeFleet.Agent.Alerts;

/// <summary>The open alerts of this board on disk, so that one that was raised before a restart is still cleared after it.</summary>
internal sealed partial class AlertStore
{
    private readonly string _path;
    private readonly ILogger<AlertStore> _logger;
    private readonly object _gate = new();
    private readonly OpenAlerts _open;

    /// <summary>Reads what was open when the process ended last.</summary>
    public AlertStore(IOptions<AgentOptions> options, ILogger<AlertStore> logger)
    {
        _path = Path.Combine(options.Value.StateFolder, "alerts.json");
        _logger = logger;
        _open = Load();
    }

    /// <summary>Open alerts of a slot.</summary>
    public IReadOnlyList<AlertChange> OpenIn(SlotName slot)
    {
        lock (_gate)
            return [.. _open.Slots.GetValueOrDefault(slot.Value, [])];
    }

    /// <summary>Keeps what is open in a slot now. A full disk is logged and does not stop inference; after a restart the alert then begins anew.</summary>
    public void Keep(SlotName slot, IReadOnlyList<AlertChange> open)
    {
        lock (_gate)
        {
            _open.Slots[slot.Value] = [.. open];
            try
            {
                DurableFile.Replace(_path, JsonSerializer.SerializeToUtf8Bytes(_open, AlertJson.Default.OpenAlerts));
            }
            catch (IOException e)
            {
                Log.AlertsNotKept(_logger, e, _path);
            }
        }
    }

    private OpenAlerts Load()
    {
        try
        {
            if (File.Exists(_path) && JsonSerializer.Deserialize(File.ReadAllBytes(_path), AlertJson.Default.OpenAlerts) is { Format: OpenAlerts.KnownFormat } open)
                return open;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            Log.AlertsNotRead(_logger, e, _path);
        }

        return new OpenAlerts();
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "The open alerts were not written to {Path}; free space on the disk")]
        public static partial void AlertsNotKept(ILogger logger, Exception e, string path);

        [LoggerMessage(LogLevel.Warning, "The open alerts in {Path} cannot be read; alerts that were open will be raised again if they still hold")]
        public static partial void AlertsNotRead(ILogger logger, Exception e, string path);
    }
}

/// <summary>The file <c>alerts.json</c>.</summary>
internal sealed record OpenAlerts
{
    /// <summary>The format version that is written and read.</summary>
    public const int KnownFormat = 1;

    /// <summary>Format version of the file.</summary>
    public int Format { get; init; } = KnownFormat;

    /// <summary>Open alerts by slot, as they were raised.</summary>
    public Dictionary<string, List<AlertChange>> Slots { get; init; } = [];
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(OpenAlerts))]
internal sealed partial class AlertJson : JsonSerializerContext;
