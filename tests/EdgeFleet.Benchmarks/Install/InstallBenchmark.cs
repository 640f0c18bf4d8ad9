using EdgeFleet.Shared.Api;

namespace EdgeFleet.Benchmarks.Install;

/// <summary>
/// The agent's package as a person uses it, on a fresh Debian with a systemd of its own, for both architectures (arm64 under qemu): installed, enrolled, updated,
/// upgraded in the middle of updates, refused a downgrade, hung, carried through three lifetimes of its certificate, wiped, purged.
/// </summary>
internal static class InstallBenchmark
{
    /// <summary>True for the one that tells the story; the other one prepares it and starts that one.</summary>
    public static bool IsInside(string[] args) => args.Contains(Marker);

    private const string Marker = "--on-own-machine";

    /// <summary>Makes packages and boards where they are missing, and tells the story in namespaces of its own; 0 when all of it held.</summary>
    public static async Task<int> PrepareAsync(string[] args, CancellationToken cancel)
    {
        var run = Path.Combine(Debs.Kept, $"run-{Environment.ProcessId}");
        try
        {
            if (!Environment.IsPrivilegedProcess)
                throw new ShortException("Only root can install on a board of its own: run it as root.");
            Sweep();
            Directory.CreateDirectory(run);
            Told.Step("packages and boards, made where they are missing");
            await Commands.RunAsync([Commands.Own("provisioning", "tools", "need"), "debootstrap:/usr/sbin/debootstrap", "qemu-user-static:qemu-aarch64-static", "faketime:faketime", "clang:clang",
                "gcc-aarch64-linux-gnu:aarch64-linux-gnu-gcc", "libc6-dev-arm64-cross:/usr/aarch64-linux-gnu/include/stdio.h", "iproute2:tc", "util-linux:unshare", "procps:pgrep", "dpkg-dev:dpkg-deb"], cancel);
            var debs = await Debs.FindAsync(cancel);
            await debs.MakeAsync(cancel);
            foreach (var architecture in Debs.Architectures)
                await BaseTree.MakeAsync(architecture, debs, run, cancel);
            return await OwnMachine.RunAsync([Environment.ProcessPath!, Environment.GetCommandLineArgs()[0], .. args, OwnNetwork.Marker, Marker, run, debs.Folder, .. Debs.Architectures.Select(BaseTree.Archive)], ownNetwork: true, cancel);
        }
        catch (ShortException e)
        {
            Console.WriteLine($"  {e.Message}\ninstall: nothing was tried short");
            return 1;
        }
        catch (OperationCanceledException)
        {
            Console.WriteLine("install: stopped, and what it started is gone short");
            return 1;
        }
        finally
        {
            if (Directory.Exists(run))
                Directory.Delete(run, recursive: true);
        }
    }

    /// <summary>Tells the story.</summary>
    public static async Task<bool> TellAsync(string[] args, CancellationToken cancel)
    {
        // What was made is handed over: another look might see sources that changed meanwhile.
        var (run, debs, archives) = (args[^4], Debs.In(args[^3]), args[^2..]);
        var held = new List<string>();
        try
        {
            foreach (var (architecture, archive) in Debs.Architectures.Zip(archives))
            {
                await using var fleet = new Fleet(Path.Combine(run, $"fleet-{architecture}"), cancel);
                Told.Step($"{architecture}: a control plane, and a board boots");
                await fleet.StartAsync();
                await using var board = await Board.BootAsync(architecture, archive, run, cancel);
                await BoardAsync(fleet, board, debs, cancel);
                held.Add(architecture);
            }
        }
        catch (Exception e) when (e is ShortException or TimeoutException or FleetApiException)
        {
            Console.WriteLine($"  SHORT: {e.Message}");
        }

        var holds = held.Count == Debs.Architectures.Count;
        Console.WriteLine($"install: installed, enrolled, updated, upgraded in the middle, through three lifetimes, wiped, purged on {(held.Count == 0 ? "none" : string.Join(" and ", held))} {(holds ? "ok" : "short")}");
        return holds;
    }

    private static async Task BoardAsync(Fleet fleet, Board board, Debs debs, CancellationToken cancel)
    {
        var agent = new AgentOnBoard(board, cancel);
        await InstallChapter.TellAsync(board, debs);
        await EnrolChapter.TellAsync(fleet, agent);
        await UpgradeChapter.TellAsync(fleet, agent, debs, cancel);
        await WatchdogChapter.TellAsync(agent, cancel);
        await LifetimesChapter.TellAsync(fleet, agent, cancel);
        await EndChapter.TellAsync(fleet, agent, cancel);
    }

    // A run that was killed with -9 takes its processes and mounts along, and leaves its folder.
    private static void Sweep()
    {
        foreach (var old in Directory.Exists(Debs.Kept) ? Directory.GetDirectories(Debs.Kept, "run-*") : [])
        {
            if (!Directory.Exists($"/proc/{Path.GetFileName(old)["run-".Length..]}"))
                Directory.Delete(old, recursive: true);
        }
    }
}
