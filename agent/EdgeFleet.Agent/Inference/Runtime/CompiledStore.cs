using EdgeFleet.Shared.Files;
using EdgeFleet.Shared.Identity;

namespace EdgeFleet.Agent.Inference.Runtime;

/// <summary>
/// What was compiled for models on this board: a folder each, <c>compiled/MODEL-FACTS/</c>, with a <see cref="CompiledSeal"/>. Only what is whole is given out; the
/// hashed model is what counts, and all of this can be made again. It goes with its model, and is bounded.
/// </summary>
/// <param name="folder">The folder; made when something is kept.</param>
/// <param name="isKept">True while a model's file is on the board.</param>
/// <param name="bytesMax">Most bytes of it all; what was used longest ago goes first.</param>
internal sealed class CompiledStore(string folder, Func<Sha256Digest, bool> isKept, long bytesMax)
{
    private const string RoomPrefix = "new-";
    private const int DigestDigits = 64;

    private readonly Lock _gate = new();
    private readonly HashSet<string> _rooms = new(StringComparer.Ordinal);

    /// <summary>The folder of what was compiled under these facts; null when there is none that is whole. One that is not is thrown away.</summary>
    /// <exception cref="IOException">The disk does not give it.</exception>
    public async Task<string?> FindAsync(CompiledFacts facts, CancellationToken cancel)
    {
        var path = PathOf(facts);
        if (!Directory.Exists(path))
            return null;

        if (await CompiledSeal.IsWholeAsync(path, facts, cancel))
        {
            TryTouch(path);
            return path;
        }

        Discard(facts);
        return null;
    }

    /// <summary>A fresh folder to compile into. It is gone once disposed, unless it was kept.</summary>
    /// <exception cref="IOException">The disk takes nothing.</exception>
    /// <exception cref="UnauthorizedAccessException">The disk takes nothing.</exception>
    public CompiledRoom RoomFor(CompiledFacts facts)
    {
        var path = Path.Combine(Path.GetFullPath(folder), RoomPrefix + Guid.NewGuid().ToString("n"));
        lock (_gate)
            _rooms.Add(path);
        try
        {
            Directory.CreateDirectory(path);
            return new CompiledRoom(this, facts, path);
        }
        catch
        {
            Forget(path);
            throw;
        }
    }

    /// <summary>Throws away what was compiled under these facts.</summary>
    public void Discard(CompiledFacts facts)
    {
        lock (_gate)
        {
            if (Directory.Exists(PathOf(facts)))
                Directory.Delete(PathOf(facts), recursive: true);
        }
    }

    /// <summary>Removes what belongs to models that are gone and rooms that a cut left, then what was used longest ago until the rest fits.</summary>
    public void Sweep()
    {
        lock (_gate)
        {
            if (!Directory.Exists(folder))
                return;

            var bytes = 0L;
            foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos().OrderByDescending(e => e.LastWriteTimeUtc).ToList())
            {
                if (_rooms.Contains(entry.FullName))
                    continue;
                if (entry is DirectoryInfo compiled && IsOfKeptModel(entry.Name) && (bytes += SizeOf(compiled)) <= bytesMax)
                    continue;

                Delete(entry);
            }
        }
    }

    internal async Task KeepAsync(CompiledFacts facts, string room, CancellationToken cancel)
    {
        if (SizeOf(new DirectoryInfo(room)) is var size && size > bytesMax)
            throw new IOException($"It takes {size} bytes; {bytesMax} may be kept of all models together (Inference:CompiledMbMax).");

        await CompiledSeal.CloseAsync(room, facts, cancel);
        lock (_gate)
        {
            if (Directory.Exists(PathOf(facts)))
                Directory.Delete(PathOf(facts), recursive: true);
            Directory.Move(room, PathOf(facts));
            DurableFile.SyncFolderOf(PathOf(facts));
            _rooms.Remove(room);
        }

        Sweep();
    }

    internal void Forget(string room)
    {
        lock (_gate)
        {
            if (!_rooms.Remove(room) || !Directory.Exists(room))
                return;
            try
            {
                Directory.Delete(room, recursive: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It is no room any more, so the next sweep takes it.
            }
        }
    }

    private static void TryTouch(string path)
    {
        try
        {
            Directory.SetLastWriteTimeUtc(path, TimeProvider.System.GetUtcNow().UtcDateTime);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Only the order in which things go is at stake.
        }
    }

    private static void Delete(FileSystemInfo entry)
    {
        if (entry is DirectoryInfo directory)
            directory.Delete(recursive: true);
        else
            entry.Delete();
    }

    private static long SizeOf(DirectoryInfo compiled) => compiled.EnumerateFiles().Sum(f => f.Length);

    private bool IsOfKeptModel(string name) => name.Length > DigestDigits && Sha256Digest.TryParse(name[..DigestDigits], out var model) && isKept(model);

    private string PathOf(CompiledFacts facts) => Path.Combine(Path.GetFullPath(folder), facts.FolderName());
}

/// <summary>A folder that is being compiled into.</summary>
internal sealed class CompiledRoom(CompiledStore store, CompiledFacts facts, string path) : IDisposable
{
    /// <summary>The folder.</summary>
    public string Path => path;

    /// <summary>Keeps what is in it now.</summary>
    /// <exception cref="IOException">It is not kept: it is too large, or not on disk for sure.</exception>
    public Task KeepAsync(CancellationToken cancel) => store.KeepAsync(facts, path, cancel);

    /// <inheritdoc/>
    public void Dispose() => store.Forget(path);
}
