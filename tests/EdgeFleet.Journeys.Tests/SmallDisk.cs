using EdgeFleet.Testing.Processes;

namespace EdgeFleet.Journeys.Tests;

/// <summary>
/// A file system of a few MB over one folder, in a mount namespace of its own that a waiting process holds: only programs started through <see cref="Inside"/> see it,
/// and it is gone with that process.
/// </summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private readonly LocalProcess _holder;
    private readonly string _folder;

    private SmallDisk(LocalProcess holder, string folder) => (_holder, _folder) = (holder, folder);

    /// <summary>What a skipped test says.</summary>
    public const string Absent = "Skipped: only root mounts a file system of its own.";

    /// <summary>True where one can be made.</summary>
    public static bool IsPossible => Environment.IsPrivilegedProcess;

    /// <summary>The folder as this process reaches it.</summary>
    public string Path => $"/proc/{_holder.Id}/root{_folder}";

    /// <summary>A program that runs in there.</summary>
    public IReadOnlyList<string> Inside(IReadOnlyList<string> program) => ["nsenter", $"--mount=/proc/{_holder.Id}/ns/mnt", "--", .. program];

    /// <summary>Makes one.</summary>
    public static async Task<SmallDisk> OverAsync(string folder, int sizeMb, string log, CancellationToken cancel)
    {
        Directory.CreateDirectory(folder);
        // It waits for a signal that only its disposal sends.
        var holder = LocalProcess.Start(["unshare", "--mount", "sh", "-c", "mount -t tmpfs -o size=\"$1\"m,mode=755 small \"$2\" && echo mounted && exec sleep infinity", "-", $"{sizeMb}", folder], log);
        await Eventually.IsAsync(() => holder.Output.Contains("mounted", StringComparison.Ordinal) || holder.HasExited, "a small disk", JourneyFleet.Patience, cancel);
        return holder.HasExited ? throw new InvalidOperationException($"No file system was mounted; see {log}.") : new SmallDisk(holder, folder);
    }

    /// <summary>Takes all the room that is left; the file that holds it.</summary>
    public string Fill()
    {
        var path = System.IO.Path.Combine(Path, "ballast");
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        var block = new byte[4096];
        try
        {
            while (true)
                file.Write(block);
        }
        catch (IOException)
        {
            return path;
        }
    }

    /// <summary>Mounts it again, for reading only or for both.</summary>
    public async Task RemountAsync(bool readOnly, CancellationToken cancel)
    {
        var (code, _, all) = await LocalProcess.RunAsync([.. Inside(["mount", "-o", readOnly ? "remount,ro" : "remount,rw", _folder])], TimeSpan.FromSeconds(20), cancel);
        Assert.True(code == 0, all);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await _holder.DisposeAsync();
}
