using System.Diagnostics;

namespace EdgeFleet.Benchmarks;

/// <summary>Runs this program again in a network namespace of its own, with only a loopback in it.</summary>
internal static class OwnNetwork
{
    /// <summary>Argument of a process that is in such a network already.</summary>
    public const string Marker = "--in-own-network";

    /// <summary>True when this process is the outer one and may make a namespace.</summary>
    public static bool IsWanted(string[] args) => !args.Contains(Marker) && Environment.IsPrivilegedProcess;

    /// <summary>Runs the inner one; returns its exit code.</summary>
    public static int RunAgain(string[] args)
    {
        var self = string.Join(' ', new[] { Environment.ProcessPath!, Environment.GetCommandLineArgs()[0] }.Select(p => $"'{p}'"));
        using var inner = Process.Start(new ProcessStartInfo("unshare", ["--net", "sh", "-c", $"ip link set lo up && exec {self} {string.Join(' ', args)} {Marker}"]))!;
        inner.WaitForExit();
        return inner.ExitCode;
    }
}
