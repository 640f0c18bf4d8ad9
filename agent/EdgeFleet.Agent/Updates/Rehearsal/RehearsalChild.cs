using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using EdgeFleet.Agent.Hosting;
using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Models.Evidence;

namespace EdgeFleet.Agent.Updates.Rehearsal;

/// <summary>What to rehearse.</summary>
internal sealed record RehearsalOrder(string Packages, PackageRef Package, Variant Variant, int MemoryMb, int SlackMb, int Seconds, int Threads);

/// <summary>Starts the rehearsing process and waits for its verdict, its death or its deadline.</summary>
internal sealed class RehearsalChild(AgentProgram program)
{
    private const int OutputCharsMax = 64 * 1024;
    private const int ErrorCharsTold = 300;
    private const double ShareOfItsOwn = 0.8;

    /// <summary>ONNX Runtime library of this board, where it is not the one that ships.</summary>
    public string Library { get; init; } = "";

    /// <summary>Rehearses.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled; the process is gone.</exception>
    public async Task<RehearsalReport> RunAsync(RehearsalOrder order, CancellationToken cancel)
    {
        var (end, why) = await EndAsync(StartInfo(order, []), order.Seconds, cancel);
        return end is null ? RehearsalPolicy.NotStarted(why) : RehearsalPolicy.Judge(end, order.Seconds, order.MemoryMb);
    }

    /// <summary>Lets the candidate and the model that serves answer the candidate's golden set in turns. Nothing that happens to it speaks against the candidate.</summary>
    /// <param name="order">The candidate, with memory for both.</param>
    /// <param name="against">The model that serves.</param>
    /// <param name="variant">Its variant.</param>
    /// <param name="cancel">Ends it; the process is gone then.</param>
    /// <returns>Null when it did not come about.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled; the process is gone.</exception>
    public async Task<CandidateEvidence?> CompareAsync(RehearsalOrder order, PackageRef against, string variant, CancellationToken cancel)
    {
        var (end, _) = await EndAsync(StartInfo(order, ["--against", against.Digest.Value, "--against-variant", variant]), order.Seconds, cancel);
        return end is { ExitCode: 0, TimedOut: false } ? RehearsalPolicy.ReadEvidence(end.Output) : null;
    }

    private static async Task<(RehearsalEnd? End, string Why)> EndAsync(ProcessStartInfo info, int seconds, CancellationToken cancel)
    {
        using var process = new Process { StartInfo = info };
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var ended = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        // A thread of its own, held until the end: the kernel sends the parent-death signal when the thread that forked ends, and pool threads do.
        new Thread(() => Hold(process, seconds, started, ended)) { IsBackground = true, Name = "rehearsal" }.Start();
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
        var end = new RehearsalEnd(process.ExitCode, timedOut, LastLine(await output), Last(await errors, ErrorCharsTold));
        cancel.ThrowIfCancellationRequested();
        return (end, "");
    }

    private ProcessStartInfo StartInfo(RehearsalOrder order, string[] more)
    {
        static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);
        string[] own =
        [
            "rehearse", "--packages", order.Packages, "--manifest", order.Package.Digest.Value, "--variant", order.Variant.Name,
            "--memory-mb", Text(order.MemoryMb), "--slack-mb", Text(order.SlackMb), "--threads", Text(order.Threads),
            "--seconds", Text(Math.Max(1, Math.Floor(order.Seconds * ShareOfItsOwn))), "--parent", Text(Environment.ProcessId),
        ];
        var info = new ProcessStartInfo(program.File, [.. program.Before, .. own, .. Library.Length > 0 ? (string[])["--library", Library] : [], .. more])
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
