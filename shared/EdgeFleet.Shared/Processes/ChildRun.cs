using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace EdgeFleet.Shared.Processes;

/// <summary>How a process of the program's own ended.</summary>
/// <param name="ExitCode">Its exit code; 128 and the signal's number when a signal ended it.</param>
/// <param name="TimedOut">True when it was killed at its deadline.</param>
/// <param name="Output">The last line of its output.</param>
/// <param name="Errors">Its error output; of a long one the end.</param>
public sealed record ChildEnd(int ExitCode, bool TimedOut, string Output, string Errors)
{
    private const int SignalBase = 128;
    private const int ErrorCharsTold = 300;
    private const int SigKill = 9;

    /// <summary>The signal that ended it; null when it ended by itself.</summary>
    public int? Signal => ExitCode > SignalBase ? ExitCode - SignalBase : null;

    /// <summary>True when it was killed from outside: of a process that stands first in line there, by the OOM killer.</summary>
    public bool WasKilled => Signal == SigKill;

    /// <summary>The end of its error output as a clause to go on a sentence with; empty when it said nothing.</summary>
    public string Said => Errors.Trim() is { Length: > 0 } text ? $": {(text.Length > ErrorCharsTold ? text[^ErrorCharsTold..] : text)}" : "";
}

/// <summary>Runs a task in a process of its own, until its end, its death or its deadline.</summary>
public static class ChildRun
{
    private const int CharsMax = 1024 * 1024;

    /// <summary>Runs it.</summary>
    /// <param name="info">Program and arguments; the rest is set here.</param>
    /// <param name="within">Deadline.</param>
    /// <param name="cancel">Ends it; the process is gone then.</param>
    /// <returns>Its end, or why it could not be started.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled; the process is gone.</exception>
    public static async Task<(ChildEnd? End, string Why)> RunAsync(ProcessStartInfo info, TimeSpan within, CancellationToken cancel)
    {
        using var process = new Process { StartInfo = Complete(info) };
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var ended = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        // A thread of its own, held until the end: the kernel sends the parent-death signal when the thread that forked ends, and pool threads do.
        new Thread(() => Hold(process, within, started, ended)) { IsBackground = true, Name = "child" }.Start();
        try
        {
            await started.Task;
        }
        catch (Exception e) when (e is Win32Exception or IOException)
        {
            return (null, e.Message);
        }

        await using var kill = cancel.Register(() => Kill(process));
        var output = TailAsync(process.StandardOutput);
        var errors = TailAsync(process.StandardError);
        var timedOut = await ended.Task;
        var end = new ChildEnd(process.ExitCode, timedOut, LastLine(await output), await errors);
        cancel.ThrowIfCancellationRequested();
        return (end, "");
    }

    private static ProcessStartInfo Complete(ProcessStartInfo info)
    {
        (info.RedirectStandardInput, info.RedirectStandardOutput, info.RedirectStandardError, info.UseShellExecute) = (true, true, true, false);
        // The child is small and short-lived: no debugger pipe, no dump, no second heap a core.
        info.Environment["DOTNET_EnableDiagnostics"] = "0";
        info.Environment["DOTNET_gcServer"] = "0";
        info.Environment["DOTNET_TieredPGO"] = "0";
        return info;
    }

    private static void Hold(Process process, TimeSpan within, TaskCompletionSource started, TaskCompletionSource<bool> ended)
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
        var inTime = process.WaitForExit(within);
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
    private static async Task<string> TailAsync(StreamReader reader)
    {
        var (tail, buffer) = (new StringBuilder(), new char[4096]);
        int read;
        while ((read = await reader.ReadAsync(buffer)) > 0)
        {
            tail.Append(buffer, 0, read);
            if (tail.Length > 2 * CharsMax)
                tail.Remove(0, tail.Length - CharsMax);
        }

        return tail.ToString();
    }

    private static string LastLine(string text) => text.TrimEnd().Split('\n')[^1].Trim();
}
