using EdgeFleet.ControlPlane.Data;
using EdgeFleet.Shared.Identity;
using Microsoft.Extensions.Options;

namespace EdgeFleet.ControlPlane.Models.Deltas;

/// <summary>From which file to which.</summary>
internal readonly record struct DeltaPair(Sha256Digest From, Sha256Digest To);

/// <summary>The deltas on disk, by what they lead from and to, within a bound. A pair for which none is worth it has an empty file.</summary>
internal sealed class DeltaStore
{
    // What an empty file takes of the bound, so that those come to an end too.
    private const long FileBytesMin = 4096;
    private const string Unfinished = ".tmp";

    private readonly string _folder;
    private readonly long _bytesMax;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();

    /// <summary>Opens the store; what an earlier process left unfinished goes.</summary>
    public DeltaStore(DataFolder data, IOptions<DeltaOptions> options, TimeProvider time)
    {
        (_folder, _bytesMax, _time) = (data.PathOf("deltas"), options.Value.StoreMbMax * 1024L * 1024, time);
        Directory.CreateDirectory(_folder);
        foreach (var left in Directory.GetFiles(_folder, $"*{Unfinished}"))
            File.Delete(left);
    }

    /// <summary>Where a delta is made before it is kept.</summary>
    public string UnfinishedPathOf(DeltaPair pair) => PathOf(pair) + Unfinished;

    /// <summary>What is known of a pair; null when nothing is.</summary>
    public DeltaEnding? Find(DeltaPair pair)
    {
        var file = new FileInfo(PathOf(pair));
        if (!file.Exists)
            return null;
        if (file.Length == 0)
            return new DeltaEnding.None("The whole file is hardly larger.");

        // Read by Sweep: what is asked for stays. A delta that is swept in this moment is not there to be asked for.
        lock (_lock)
        {
            if (!File.Exists(file.FullName))
                return null;
            File.SetLastAccessTimeUtc(file.FullName, _time.GetUtcNow().UtcDateTime);
        }

        return new DeltaEnding.Ready(file.FullName);
    }

    /// <summary>Takes the delta that was made, or notes that none is worth it, and makes room.</summary>
    public void Keep(DeltaPair pair, bool isWorthIt)
    {
        if (isWorthIt)
            File.Move(UnfinishedPathOf(pair), PathOf(pair), overwrite: true);
        else
            File.WriteAllBytes(PathOf(pair), []);
        lock (_lock)
        {
            File.SetLastAccessTimeUtc(PathOf(pair), _time.GetUtcNow().UtcDateTime);
            Sweep();
        }
    }

    private void Sweep()
    {
        var files = new DirectoryInfo(_folder).GetFiles().Where(f => f.Extension != Unfinished).OrderByDescending(f => f.LastAccessTimeUtc).ToList();
        long total = 0;
        foreach (var file in files)
        {
            if ((total += Math.Max(FileBytesMin, file.Length)) > _bytesMax)
                file.Delete();
        }
    }

    private string PathOf(DeltaPair pair) => Path.Combine(_folder, $"{pair.From}.{pair.To}");
}
