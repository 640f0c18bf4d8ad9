using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace EdgeFleet.Agent.Hosting;

/// <summary>How a process of the agent's own ended.</summary>
/// <param name="ExitCode">Its exit code; 128 and the signal's number when a signal ended it.</param>
/// <param name="TimedOut">True when it was killed at its deadline.</param>
/// <param name="Output">The last line of its output.</param>
/// <param name="Errors">The end of its error output.</param>
internal sealed record ChildEnd(int ExitCode, bool TimedOut, string Output, string Errors);

/// <summary>Runs a task of the agent in a process of its own, until its end, its death or its deadline.</summary>
internal static class ChildRun
{
    private const int OutputCharsMax = 64 * 1024;
    private const int ErrorCharsTold = 300;

    /// <summary>Runs it.</summary>
    /// <param name="program">The agent.</param>
    /// <param name="args">The task.</param>
    /// <param name="seconds">Deadline.</param>
    /// <param name="cancel">Ends it; the process is gone then.</param>
    /// <returns>Its end, or why it could not be started.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled; the process is gone.</exception>
    public static async Task<(ChildEnd? End, string Why)> RunAsync(AgentProgram program, IReadOnlyList<string> args, int seconds, CancellationToken cancel)
    {
        using var process = new Process { StartInfo = StartInfo(program, args) };
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var ended = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        // A thread of its own, held until the end: the kernel sends the parent-death signal when the thread that forked ends, and pool threads do.
        new Thread(() => Hold(process, seconds, started, ended)) { IsBackground = true, Name = "child" }.Start();
        try
        {
            await started.Task;
        }
        catch (Exception e) when (e is Win32Exception or IOException)
        {
            return (null, e.Message);
        }

        await using var kill = cancel.Register(() => Kill(process));
        var output = TailAsync(process.StandardOutput, OutputCharsMax);
        var errors = TailAsync(process.StandardError, OutputCharsMax);
        var timedOut = await ended.Task;
        var end = new ChildEnd(process.ExitCode, timedOut, LastLine(await output), Last(await errors, ErrorCharsTold));
        cancel.ThrowIfCancellationRequested();
        return (end, "");
    }

    private static ProcessStartInfo StartInfo(AgentProgram program, IReadOnlyList<string> args)
    {
        var info = new ProcessStartInfo(program.File, [.. program.Before, .. args])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        // The child is small and short-lived: no debugger pipe, no dump, no second heap a core.
        info.Environment["DOTNET_EnableDiagnostics"] = "0";
        info.Environment["DOTNET_gcServer"] = "0";
        info.Environment["DOTNET_TieredPGO"] = "0";
        return info;
    }

    private static void Hold(Process process, int seconds, TaskCompletionSource started, TaskCompletionSource<bool> ended)
    {
        try
        {
            process.Start();
        }
        catch (Exception e)
        {
            started.SetException(e);
            return;
        }

        started.SetResult();
        var inTime = process.WaitForExit(TimeSpan.FromSeconds(seconds));
        if (!inTime)
        {
            Kill(process);
            process.WaitForExit();
        }

        ended.SetResult(!inTime);
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

    // Reads to the end, so that a flood never blocks the child, and keeps only the tail.
    private static async Task<string> TailAsync(StreamReader reader, int charsMax)
    {
        var (tail, buffer) = (new StringBuilder(), new char[4096]);
        int read;
        while ((read = await reader.ReadAsync(buffer)) > 0)
        {
            tail.Append(buffer, 0, read);
            if (tail.Length > 2 * charsMax)
                tail.Remove(0, tail.Length - charsMax);
        }

        return tail.ToString();
    }

    private static string LastLine(string text) => text.TrimEnd().Split('\n')[^1].Trim();

    private static string Last(string text, int chars) => text.Length > chars ? text[^chars..] : text;
}
