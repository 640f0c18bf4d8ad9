using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeFleet.Shared.Files;
using EdgeFleet.Shared.Identity;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EdgeFleet.Agent.Monitoring;

/// <summary>
/// Baselines on disk, a file a slot, so that a week of learning survives restarts and power cuts. Written on a thread of its own: a slow card must not hold up inference.
/// What is lost at a cut is the open window.
/// </summary>
internal sealed partial class DriftStore(IOptions<AgentOptions> options, ILogger<DriftStore> logger) : BackgroundService
{
    private readonly string _folder = Path.Combine(options.Value.StateFolder, "drift");
    private readonly ConcurrentDictionary<SlotName, DriftFile> _waiting = new();
    private readonly SemaphoreSlim _signal = new(0);

    /// <summary>What was kept of a slot; empty when nothing was, or when it cannot be read: then it is learned anew.</summary>
    public DriftFile Load(SlotName slot)
    {
        var path = PathOf(slot);
        try
        {
            if (File.Exists(path) && JsonSerializer.Deserialize(File.ReadAllBytes(path), DriftJson.Default.DriftFile) is { Format: DriftFile.KnownFormat } file)
                return file;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            Log.BaselineNotRead(logger, e, path);
        }

        return new DriftFile();
    }

    /// <summary>Keeps a slot's baselines; the newest wins.</summary>
    public void Keep(SlotName slot, DriftFile file)
    {
        _waiting[slot] = file;
        _signal.Release();
    }

    /// <summary>Writes what waits.</summary>
    public void Flush()
    {
        foreach (var slot in _waiting.Keys)
        {
            if (_waiting.TryRemove(slot, out var file))
                Write(slot, file);
        }
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        Flush();
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _signal.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await _signal.WaitAsync(stoppingToken);
                Flush();
            }
        }
        catch (OperationCanceledException)
        {
            // The process ends; StopAsync writes the rest.
        }
    }

    private string PathOf(SlotName slot) => Path.Combine(_folder, $"{slot}.json");

    private void Write(SlotName slot, DriftFile file)
    {
        try
        {
            Directory.CreateDirectory(_folder);
            DurableFile.Replace(PathOf(slot), JsonSerializer.SerializeToUtf8Bytes(file, DriftJson.Default.DriftFile));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.BaselineNotKept(logger, e, PathOf(slot));
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "The baseline was not written to {Path}; free space on the disk, or learning begins anew after the next restart")]
        public static partial void BaselineNotKept(ILogger logger, Exception e, string path);

        [LoggerMessage(LogLevel.Warning, "The baseline in {Path} cannot be read; it is learned anew")]
        public static partial void BaselineNotRead(ILogger logger, Exception e, string path);
    }
}

/// <summary>The file <c>drift/SLOT.json</c>.</summary>
internal sealed record DriftFile
{
    /// <summary>The format version that is written and read.</summary>
    public const int KnownFormat = 1;

    /// <summary>Format version of the file.</summary>
    public int Format { get; set; } = KnownFormat;

    /// <summary>Segments by name.</summary>
    public Dictionary<string, DriftSegmentRecord> Segments { get; set; } = [];
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, IgnoreReadOnlyProperties = true)]
[JsonSerializable(typeof(DriftFile))]
internal sealed partial class DriftJson : JsonSerializerContext;
