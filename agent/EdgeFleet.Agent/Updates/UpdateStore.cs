using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using EdgeFleet.Agent.Health;
using EdgeFleet.Shared.Files;
using EdgeFleet.Shared.Identity;

namespace EdgeFleet.Agent.Updates;

/// <summary>
/// What updates keep on disk: <c>updates/SLOT.json</c> and its small double <c>SLOT.active.json</c>, and <c>updates/.process.json</c>.
/// A file that cannot be read, or that a newer agent wrote, is put aside and reported, never overwritten.
/// </summary>
internal sealed class UpdateStore
{
    private const int ReadTriesMax = 3;

    private readonly string _folder;
    private readonly HealthBoard _health;
    private readonly TimeProvider _time;
    private readonly Lazy<HungRun?> _lastHang;
    private readonly FileCalls _disk;

    /// <summary>Opens the store below the agent's state folder, making its folder.</summary>
    /// <param name="stateFolder">The agent's state folder.</param>
    /// <param name="health">Where it says what it could not read.</param>
    /// <param name="time">Clock.</param>
    /// <param name="disk">The disk; the machine's own when left out.</param>
    public UpdateStore(string stateFolder, HealthBoard health, TimeProvider time, FileCalls? disk = null)
    {
        (_folder, _health, _time, _disk) = (Path.Combine(stateFolder, "updates"), health, time, disk ?? FileCalls.Real);
        Directory.CreateDirectory(_folder);
        SweepLeftovers();
        _lastHang = new Lazy<HungRun?>(() => Read(ProcessPath, UpdateJson.Default.ProcessRecord, _ => SlotRecord.KnownVersion, null)?.Hung);
    }

    /// <summary>The slot's record; a fresh one with the last known models when the file is absent or cannot be read.</summary>
    public SlotRecord Load(SlotName slot)
    {
        if (Read(SlotPath(slot), UpdateJson.Default.SlotRecord, r => r.Slot == slot && r.IsWhole ? r.V : 0, slot) is { } record)
            return record;

        var backup = Read(ServingPath(slot), UpdateJson.Default.ServingRecord, r => r.V, slot);
        return new SlotRecord { Slot = slot, Since = _time.GetUtcNow().ToUnixTimeMilliseconds(), Serving = backup?.Serving ?? new Serving(null, null) };
    }

    /// <summary>Writes the record; its double follows when the committed models changed.</summary>
    /// <exception cref="IOException">The record on disk is the old one.</exception>
    public void Save(SlotRecord record)
    {
        Write(SlotPath(record.Slot), record, UpdateJson.Default.SlotRecord);
        var path = ServingPath(record.Slot);
        if (record.Serving.Active is not null && Read(path, UpdateJson.Default.ServingRecord, r => r.V, record.Slot)?.Serving != record.Serving)
            Write(path, new ServingRecord { Serving = record.Serving }, UpdateJson.Default.ServingRecord);
    }

    /// <summary>How the process before this one ended.</summary>
    public LastEnd LastEndOf(string boot) => Read(ProcessPath, UpdateJson.Default.ProcessRecord, _ => SlotRecord.KnownVersion, null) switch
    {
        null => LastEnd.None,
        { Stopped: true } => LastEnd.Clean,
        { Boot: var before } when before != boot => LastEnd.PowerCut,
        _ => LastEnd.Crash,
    };

    /// <summary>The run for which the process before this one gave itself up, if that was how it ended. What is noted of this process does not change the answer.</summary>
    public HungRun? LastHang() => _lastHang.Value;

    /// <summary>Notes that this process gives itself up.</summary>
    /// <exception cref="IOException">It was not noted.</exception>
    public void SaveHang(HungRun hung)
    {
        var boot = Read(ProcessPath, UpdateJson.Default.ProcessRecord, _ => SlotRecord.KnownVersion, null)?.Boot ?? "";
        Write(ProcessPath, new ProcessRecord { Boot = boot, Hung = hung }, UpdateJson.Default.ProcessRecord);
    }

    /// <summary>Notes that this process runs, or that it stopped in order.</summary>
    /// <exception cref="IOException">It was not noted.</exception>
    public void SaveProcess(string boot, bool stopped) =>
        Write(ProcessPath, new ProcessRecord { Boot = boot, Stopped = stopped }, UpdateJson.Default.ProcessRecord);

    // A process that ended within a write leaves its temporary file; nobody else would ever take it away.
    private void SweepLeftovers()
    {
        try
        {
            foreach (var leftover in Directory.EnumerateFiles(_folder, "*.tmp").ToList())
                _disk.Delete(leftover);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _health.Raise("update-state-not-saved", null, e.Message, "Free space on the board's disk, or replace it.");
        }
    }

    private string ProcessPath => Path.Combine(_folder, ".process.json");

    private string SlotPath(SlotName slot) => Path.Combine(_folder, $"{slot}.json");

    private string ServingPath(SlotName slot) => Path.Combine(_folder, $"{slot}.active.json");

    private void Write<T>(string path, T value, JsonTypeInfo<T> type) => DurableFile.Replace(path, JsonSerializer.SerializeToUtf8Bytes(value, type), disk: _disk);

    private T? Read<T>(string path, JsonTypeInfo<T> type, Func<T, int> versionOf, SlotName? slot)
        where T : class
    {
        if (!File.Exists(path))
            return null;

        string why;
        try
        {
            var value = JsonSerializer.Deserialize(ReadPatiently(path), type);
            if (value is not null && versionOf(value) == SlotRecord.KnownVersion)
                return value;
            why = value is null ? "it is 'null'" : versionOf(value) is > 0 and var version ? $"it has version {version}, and this agent knows {SlotRecord.KnownVersion}" : "parts of it are missing";
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            why = e.Message;
        }

        PutAside(path, why, slot);
        return null;
    }

    // A read that fails once in a while must not cost a slot its books; one that fails again and again is a file that is gone.
    private byte[] ReadPatiently(string path)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return _disk.Read(path);
            }
            catch (IOException) when (tries < ReadTriesMax)
            {
            }
        }
    }

    private void PutAside(string path, string why, SlotName? slot)
    {
        var aside = $"{path}.bad-{_time.GetUtcNow().ToUnixTimeMilliseconds()}";
        try
        {
            DurableFile.Move(path, aside, _disk);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            why += $"; {e.Message}";
        }

        _health.Raise("update-state-unreadable", slot, $"{path} could not be used ({why}) and was put aside as {Path.GetFileName(aside)}.",
            "The slot goes on with its last good model. Keep the file for a report, or delete it; look after the disk if this repeats.");
    }
}
