using System.ComponentModel;
using System.Diagnostics;

namespace EdgeFleet.Agent.Power;

/// <summary>A small program of the board's maker (<c>vcgencmd</c>, <c>nvpmodel</c>), run within a deadline and with its output capped.</summary>
internal sealed class BoardTool
{
    private const int OutputCharsMax = 16 * 1024;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(2);
    private static readonly string[] Places = ["usr/bin", "usr/sbin", "usr/local/bin", "opt/vc/bin", "bin", "sbin"];
    private readonly string _file;

    private BoardTool(string file) => _file = file;

    /// <summary>The program of a name; null when the board has none.</summary>
    public static BoardTool? Find(BoardRoot root, string name) =>
        Places.Select(p => root[$"{p}/{name}"]).FirstOrDefault(File.Exists) is { } file ? new BoardTool(file) : null;

    /// <summary>Runs it.</summary>
    /// <returns>What it printed; null when it failed, hung or printed nothing.</returns>
    public string? Run(params string[] arguments)
    {
        var start = new ProcessStartInfo(_file, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        try
        {
            using var process = Process.Start(start)!;
            process.StandardInput.Close();
            using var late = new Timer(_ => Kill(process), null, Deadline, Timeout.InfiniteTimeSpan);
            process.ErrorDataReceived += static (_, _) => { };
            process.BeginErrorReadLine();
            var buffer = new char[OutputCharsMax];
            var read = process.StandardOutput.ReadBlock(buffer, 0, buffer.Length);
            // More than that is no answer; and a child that keeps the pipe open ends with its tree.
            if (read == buffer.Length)
                Kill(process);
            return process.WaitForExit(Deadline) && process.ExitCode == 0 && read is > 0 and < OutputCharsMax ? new string(buffer, 0, read) : null;
        }
        catch (Exception e) when (e is Win32Exception or IOException or InvalidOperationException)
        {
            return null;
        }
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception)
        {
            // It has ended by itself.
        }
    }
}
