using EdgeFleet.Shared.Files;
using Microsoft.Win32.SafeHandles;

namespace EdgeFleet.SimulatedBoards;

/// <summary>
/// A disk over real files that fails when it is told to, and forgets as a real one does: when power goes, what was written since the last fsync of a file is
/// torn, and the newest changes of names since the last fsync of their folder are undone. It waits for no platter.
/// </summary>
internal sealed class SimulatedDisk(int seed) : FileCalls
{
    private readonly Lock _gate = new();
    private readonly Random _random = new(seed);
    private readonly Dictionary<string, long> _syncedLengths = [];
    private readonly List<(string Folder, Action Undo)> _names = [];
    private int _calls;
    private bool _ended;

    /// <summary>Decides what becomes of a call; nothing does when left out.</summary>
    public Func<DiskCall, DiskFault>? Faults { get; set; }

    /// <summary>Raised once when the process ends at a call.</summary>
    public event Action? Ended;

    /// <summary>Calls so far.</summary>
    public int Calls => Volatile.Read(ref _calls);

    /// <summary>Lets no call through any more, as when the process has ended.</summary>
    public void End()
    {
        lock (_gate)
        {
            if (_ended)
                return;
            _ended = true;
        }

        Ended?.Invoke();
    }

    /// <summary>The disk for the next process. After a power cut it shows what lasted; this one lets nothing through any more.</summary>
    public SimulatedDisk Next(bool afterPowerCut)
    {
        End();
        lock (_gate)
        {
            if (afterPowerCut)
                Forget();
            return new SimulatedDisk(_random.Next());
        }
    }

    /// <inheritdoc/>
    public override FileStream Open(string path, FileMode mode, UnixFileMode? rights = null) => Do(DiskCallKind.Open, path, _ =>
    {
        var before = File.Exists(path) ? BytesOf(path) : null;
        var file = base.Open(path, mode, rights);
        lock (_gate)
        {
            if (before is null)
                NameChanged(path, () => File.Delete(path));
            _syncedLengths[path] = mode == FileMode.Append ? before?.Length ?? 0 : 0;
        }

        return file;
    });

    /// <inheritdoc/>
    public override void Write(FileStream file, ReadOnlySpan<byte> bytes)
    {
        var copy = bytes.ToArray();
        Do(DiskCallKind.Write, file.Name, half => { file.Write(half ? copy.AsSpan(0, copy.Length / 2) : copy); return true; });
    }

    /// <inheritdoc/>
    public override ValueTask WriteAsync(FileStream file, ReadOnlyMemory<byte> bytes, CancellationToken cancel)
    {
        Write(file, bytes.Span);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public override byte[] Read(string path) => Do(DiskCallKind.Read, path, _ => base.Read(path));

    /// <inheritdoc/>
    public override void Sync(SafeFileHandle file, string path) => Do(DiskCallKind.Sync, path, _ => _syncedLengths.Remove(path), lost: () => true);

    /// <inheritdoc/>
    public override void SyncFolder(string folder) =>
        Do(DiskCallKind.SyncFolder, folder, _ => _names.RemoveAll(n => n.Folder == System.IO.Path.TrimEndingDirectorySeparator(folder)), lost: () => 0);

    /// <inheritdoc/>
    public override void Rename(string from, string to) => Do(DiskCallKind.Rename, to, _ =>
    {
        var old = File.Exists(to) ? BytesOf(to) : null;
        base.Rename(from, to);
        lock (_gate)
        {
            if (_syncedLengths.Remove(from, out var length))
                _syncedLengths[to] = length;
            NameChanged(to, () => UndoRename(from, to, old));
        }

        return true;
    });

    /// <inheritdoc/>
    public override void Delete(string path) => Do(DiskCallKind.Delete, path, _ =>
    {
        if (!File.Exists(path))
            return false;

        var old = BytesOf(path);
        base.Delete(path);
        lock (_gate)
            NameChanged(path, () => File.WriteAllBytes(path, old));
        return true;
    });

    // A pipe, with which a test lets others hang, has no length and is not read.
    private static byte[] BytesOf(string path) => new FileInfo(path).Length == 0 ? [] : File.ReadAllBytes(path);

    private static void UndoRename(string from, string to, byte[]? old)
    {
        if (File.Exists(to))
            File.Move(to, from, overwrite: true);
        if (old is not null)
            File.WriteAllBytes(to, old);
    }

    private static IOException Failed(DiskCall call, string why) => new($"{why} : '{call.Path}'");

    private T Do<T>(DiskCallKind kind, string path, Func<bool, T> act, Func<T>? lost = null)
    {
        DiskCall call;
        lock (_gate)
        {
            if (_ended)
                throw new ProcessEndedException();
            call = new DiskCall(_calls++, kind, path);
        }

        switch (Faults?.Invoke(call) ?? DiskFault.None)
        {
            case DiskFault.EndBefore:
                End();
                throw new ProcessEndedException();
            case DiskFault.EndWithin:
                act(true);
                End();
                throw new ProcessEndedException();
            case DiskFault.EndAfter:
                act(false);
                End();
                throw new ProcessEndedException();
            case DiskFault.InputOutput:
                throw Failed(call, "Input/output error");
            case DiskFault.InputOutputAfter:
                act(true);
                throw Failed(call, "Input/output error");
            case DiskFault.NoSpace:
                if (kind == DiskCallKind.Write)
                    act(true);
                throw Failed(call, "No space left on device");
            case DiskFault.Lost when lost is not null:
                return lost();
            default:
                return act(false);
        }
    }

    private void NameChanged(string path, Action undo) => _names.Add((System.IO.Path.GetDirectoryName(path)!, undo));

    // The newest names go first, as with a journal; whether a file's unsynced tail is missing or zeroes is anybody's guess.
    private void Forget()
    {
        foreach (var (path, synced) in _syncedLengths)
        {
            if (!File.Exists(path))
                continue;

            using var file = new FileStream(path, FileMode.Open, FileAccess.Write);
            var kept = synced + _random.NextInt64(Math.Max(0, file.Length - synced) + 1);
            var length = file.Length;
            file.SetLength(kept);
            if (_random.Next(2) == 0)
                file.SetLength(length);
        }

        var lasted = _random.Next(_names.Count + 1);
        for (var i = _names.Count - 1; i >= lasted; i--)
            _names[i].Undo();
    }
}
