using EdgeFleet.Shared.Files;
using EdgeFleet.Shared.Identity;

namespace EdgeFleet.Agent.Inference.Runtime;

/// <summary>
/// What was compiled for models on this board, <c>compiled/MODEL-KEY.onnx</c> with its hash beside it, and folders of TensorRT's engines. A file that is damaged or
/// of other facts is thrown away: the hashed model is what counts. Goes with its package, and is bounded.
/// </summary>
/// <param name="folder">The folder; made when it is needed.</param>
/// <param name="isKept">True while a model's file is on the board.</param>
/// <param name="bytesMax">Most bytes of all files; the oldest go first.</param>
internal sealed class CompiledStore(string folder, Func<Sha256Digest, bool> isKept, long bytesMax = 256L * 1024 * 1024)
{
    private const int DigestDigits = 64;

    /// <summary>The optimized graph of a model under these facts; null when there is none that is whole.</summary>
    public async Task<string?> FindGraphAsync(EngineFacts facts, CancellationToken cancel)
    {
        var path = GraphPath(facts);
        if (!File.Exists(path))
            return null;

        if (File.Exists(HashPath(path)) && Sha256Digest.TryParse((await File.ReadAllTextAsync(HashPath(path), cancel)).Trim(), out var said)
            && await Sha256Digest.OfFileAsync(path, cancel) == said)
            return path;

        Discard(facts);
        return null;
    }

    /// <summary>Where a graph is to be written before <see cref="KeepGraphAsync"/>; what lay there is gone.</summary>
    public string RoomFor(EngineFacts facts)
    {
        Directory.CreateDirectory(folder);
        Sweep();
        var path = GraphPath(facts) + ".new";
        File.Delete(path);
        return path;
    }

    /// <summary>Keeps the graph that was written, its hash first, so that a cut leaves nothing that is trusted.</summary>
    public async Task KeepGraphAsync(EngineFacts facts, CancellationToken cancel)
    {
        var (path, written) = (GraphPath(facts), GraphPath(facts) + ".new");
        if (!File.Exists(written))
            return;

        using (var file = File.OpenHandle(written, FileMode.Open, FileAccess.ReadWrite))
            DurableFile.Sync(file, written);
        var hash = await Sha256Digest.OfFileAsync(written, cancel);
        DurableFile.Replace(HashPath(path), System.Text.Encoding.ASCII.GetBytes(hash.Value));
        DurableFile.Move(written, path);
    }

    /// <summary>Throws a graph away.</summary>
    public void Discard(EngineFacts facts)
    {
        File.Delete(GraphPath(facts));
        File.Delete(HashPath(GraphPath(facts)));
    }

    /// <summary>The folder in which TensorRT keeps its engines under these facts, made if it is not there.</summary>
    public string EngineFolder(EngineFacts facts)
    {
        Directory.CreateDirectory(folder);
        Sweep();
        return Directory.CreateDirectory(Path.Combine(folder, $"{facts.Model.Value}-{facts.Key()}")).FullName;
    }

    /// <summary>Removes what belongs to models that are gone, then the oldest until the rest fits.</summary>
    public void Sweep()
    {
        if (!Directory.Exists(folder))
            return;

        var entries = new DirectoryInfo(folder).EnumerateFileSystemInfos().OrderByDescending(e => e.LastWriteTimeUtc).ToList();
        var bytes = 0L;
        foreach (var entry in entries)
        {
            bytes += SizeOf(entry);
            var isOfModel = entry.Name.Length > DigestDigits && Sha256Digest.TryParse(entry.Name[..DigestDigits], out var model) && isKept(model);
            if (isOfModel && bytes <= bytesMax)
                continue;

            if (entry is DirectoryInfo engines)
                engines.Delete(recursive: true);
            else
                entry.Delete();
        }
    }

    private string GraphPath(EngineFacts facts) => Path.Combine(folder, $"{facts.Model.Value}-{facts.Key()}.onnx");

    private static string HashPath(string path) => path + ".sha256";

    private static long SizeOf(FileSystemInfo entry) => entry is DirectoryInfo inner ? inner.EnumerateFiles().Sum(f => f.Length) : ((FileInfo)entry).Length;
}
