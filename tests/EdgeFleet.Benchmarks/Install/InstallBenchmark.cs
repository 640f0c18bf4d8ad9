using System.Diagnostics;
using System.Security.Cryptography;
using EdgeFleet.Testing;

namespace EdgeFleet.Benchmarks.Install;

/// <summary>
/// The agent's packages as a person uses them: built twice in two places to the same bytes, then installed in a fresh Debian for both architectures, started,
/// upgraded from an older version, refused a downgrade, purged. Takes some minutes and root.
/// </summary>
internal static class InstallBenchmark
{
    private const string Older = "0.0.9";
    private const string Newer = "0.2.0";

    public static async Task<bool> RunAsync(CancellationToken cancel)
    {
        var root = RealData.CheckoutRoot;
        var work = Path.Combine(root, "artifacts", "install");
        var debs = Path.Combine(work, "debs");
        var epoch = (await OutputAsync(root, cancel, "git", "log", "-1", "--format=%ct")).Trim();
        if (await RunAsync(root, epoch, cancel, "provisioning/tools/need", "debootstrap:/usr/sbin/debootstrap", "qemu-user-static:qemu-aarch64-static", "clang:clang",
                "gcc-aarch64-linux-gnu:aarch64-linux-gnu-gcc", "libc6-dev-arm64-cross:/usr/aarch64-linux-gnu/include/stdio.h") != 0
            || await RunAsync(root, epoch, cancel, "provisioning/tools/arm64-root", Path.Combine(root, "artifacts", "arm64-root")) != 0)
        {
            return false;
        }

        var holds = true;
        foreach (var version in (string[])[Older, Newer])
            holds &= await RunAsync(root, epoch, cancel, "provisioning/deb/package", version, debs, "amd64 arm64", "edgefleet-agent") == 0;
        holds = holds && await IsTheSameElsewhereAsync(root, work, epoch, debs, cancel);
        foreach (var architecture in (string[])["amd64", "arm64"])
        {
            Console.WriteLine($"{architecture}:");
            holds = holds && await RunAsync(root, epoch, cancel, "provisioning/deb/try-install", architecture, Deb(debs, Older, architecture), Deb(debs, Newer, architecture), work) == 0;
        }

        Console.WriteLine($"install: amd64 and arm64 installed, started, upgraded, downgrade refused, purged; two builds of one commit are the same bytes {(holds ? "ok" : "short")}");
        return holds;
    }

    // A clone in another folder: nothing of this one's may be in the bytes.
    private static async Task<bool> IsTheSameElsewhereAsync(string root, string work, string epoch, string debs, CancellationToken cancel)
    {
        var clone = Path.Combine(work, "elsewhere");
        if (Directory.Exists(clone))
            Directory.Delete(clone, recursive: true);
        if (await RunAsync(root, epoch, cancel, "git", "clone", "-q", root, clone) != 0
            || await RunAsync(clone, epoch, cancel, "provisioning/deb/package", Newer, Path.Combine(work, "again"), "amd64", "edgefleet-agent") != 0)
        {
            return false;
        }

        var (one, two) = (Hash(Deb(debs, Newer, "amd64")), Hash(Deb(Path.Combine(work, "again"), Newer, "amd64")));
        Console.WriteLine($"  built here      {one}\n  built elsewhere {two}");
        Directory.Delete(clone, recursive: true);
        return one == two;
    }

    private static string Deb(string folder, string version, string architecture) => Path.Combine(folder, $"edgefleet-agent_{version}_{architecture}.deb");

    private static string Hash(string path) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));

    private static async Task<int> RunAsync(string folder, string epoch, CancellationToken cancel, params string[] command)
    {
        using var process = Start(folder, command, redirect: false, epoch);
        await process.WaitForExitAsync(cancel);
        return process.ExitCode;
    }

    private static async Task<string> OutputAsync(string folder, CancellationToken cancel, params string[] command)
    {
        using var process = Start(folder, command, redirect: true, "0");
        var output = await process.StandardOutput.ReadToEndAsync(cancel);
        await process.WaitForExitAsync(cancel);
        return output;
    }

    private static Process Start(string folder, string[] command, bool redirect, string epoch)
    {
        var program = command[0].Contains('/', StringComparison.Ordinal) ? Path.Combine(folder, command[0]) : command[0];
        var info = new ProcessStartInfo(program, command.Skip(1)) { WorkingDirectory = folder, RedirectStandardOutput = redirect, UseShellExecute = false };
        info.Environment["SOURCE_DATE_EPOCH"] = epoch;
        return Process.Start(info) ?? throw new InvalidOperationException($"{program} was not started.");
    }
}
