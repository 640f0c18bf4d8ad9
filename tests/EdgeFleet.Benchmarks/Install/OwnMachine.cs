using System.Diagnostics;
using EdgeFleet.Testing.Processes;

namespace EdgeFleet.Benchmarks.Install;

/// <summary>
/// Runs a program as root of user, mount, process and (unless it must fetch something) network namespaces of its own, below a control group of its own.
/// Whatever it mounts or starts ends with it, and it ends with this process, however that one ends.
/// </summary>
internal static class OwnMachine
{
    private const string GroupVariable = "EDGEFLEET_INSTALL_GROUP";
    private const string Ids = "0 0 65536";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>The control group of the running one, as it sees it.</summary>
    public static string? Group => Environment.GetEnvironmentVariable(GroupVariable);

    /// <summary>Runs it to its end; its exit code.</summary>
    /// <param name="command">Program and arguments.</param>
    /// <param name="ownNetwork">True for a network with nothing but a loopback in it.</param>
    /// <param name="cancel">Ends it at once.</param>
    /// <param name="log">File for its output; null for the console.</param>
    public static async Task<int> RunAsync(IReadOnlyList<string> command, bool ownNetwork, CancellationToken cancel, string? log = null)
    {
        var group = MakeGroup();
        try
        {
            var inside = (ownNetwork ? "ip link set lo up; " : "") + "exec \"$@\" </dev/null" + (log is null ? "" : $" >'{log}' 2>&1");
            var process = await StartAsync(group, ownNetwork, inside, command);
            try
            {
                await MapIdsAsync(process, cancel);
                await process.WaitForExitAsync(cancel);
                return process.ExitCode;
            }
            finally
            {
                if (!process.HasExited)
                    process.Kill();
                await process.WaitForExitAsync(CancellationToken.None);
            }
        }
        finally
        {
            await RemoveGroupAsync(group);
        }
    }

    // It dies with the thread that started it, so that thread waits for it.
    private static Task<Process> StartAsync(string group, bool ownNetwork, string inside, IReadOnlyList<string> command)
    {
        var unshare = $"unshare --user --mount --pid --fork --kill-child --mount-proc --ipc {(ownNetwork ? "--net " : "")}sh -c";
        var info = new ProcessStartInfo("setpriv", ["--pdeathsig", "KILL", "sh", "-c", $"echo $$ >'{group}/cgroup.procs'; exec {unshare} \"$0\" - \"$@\"", "read mapped; " + inside, .. command])
        {
            RedirectStandardInput = true,
        };
        info.Environment[GroupVariable] = group;
        var started = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() =>
        {
            try
            {
                var process = Process.Start(info)!;
                started.SetResult(process);
                process.WaitForExit();
            }
            catch (System.ComponentModel.Win32Exception e)
            {
                started.SetException(e);
            }
        })
        { IsBackground = true }.Start();
        return started.Task;
    }

    // The ids in there are those out here, so that files belong to whom they say.
    private static async Task MapIdsAsync(Process process, CancellationToken cancel)
    {
        var own = new FileInfo("/proc/self/ns/user").LinkTarget;
        var namespaceFile = $"/proc/{process.Id}/ns/user";
        await Eventually.IsAsync(() => process.HasExited || new FileInfo(namespaceFile).LinkTarget is { } theirs && theirs != own, "a user namespace", Patience, cancel);
        if (process.HasExited)
            throw new ShortException("No namespaces can be made here: see the line above.");
        File.WriteAllText($"/proc/{process.Id}/uid_map", Ids);
        File.WriteAllText($"/proc/{process.Id}/gid_map", Ids);
        await process.StandardInput.WriteLineAsync("mapped");
        process.StandardInput.Close();
    }

    private static string MakeGroup()
    {
        var root = new[] { "/sys/fs/cgroup/unified", "/sys/fs/cgroup" }.FirstOrDefault(f => File.Exists(Path.Combine(f, "cgroup.procs")) && File.Exists(Path.Combine(f, "cgroup.controllers")))
            ?? throw new ShortException("No control groups of version 2 are mounted at /sys/fs/cgroup or /sys/fs/cgroup/unified; systemd cannot run without.");
        var group = Path.Combine(root, $"edgefleet-install-{Environment.ProcessId}");
        Directory.CreateDirectory(group);
        return group;
    }

    // Empty once the last process is gone from the kernel's books, which may be a moment after it was waited for.
    private static async Task RemoveGroupAsync(string group) => await Eventually.IsAsync(() => IsRemoved(new DirectoryInfo(group)), $"{group} to be empty", Patience, CancellationToken.None);

    private static bool IsRemoved(DirectoryInfo group)
    {
        try
        {
            foreach (var inner in group.GetDirectories())
                _ = IsRemoved(inner);
            group.Delete();
            return true;
        }
        catch (IOException)
        {
            return !Directory.Exists(group.FullName);
        }
    }
}
