using System.Diagnostics;
using System.IO.Pipes;
using System.Runtime.InteropServices;
using EdgeFleet.Agent.Hosting;

namespace EdgeFleet.Agent.Sources.Commands;

/// <summary>
/// A source's program: started through this agent's own binary, which becomes it, without a shell, in a process group of its own that dies with the agent. Both
/// its outputs are read by one thread, so neither can block it.
/// </summary>
internal sealed partial class SourceChild : IDisposable
{
    private const short PollIn = 1;
    private const int SigInt = 2;
    private const int SigKill = 9;
    private const int Interrupted = 4;
    private static readonly TimeSpan EndsWithin = TimeSpan.FromSeconds(2);

    private readonly Process _process;
    private readonly StderrTail _errors;
    private readonly AnonymousPipeClientStream _output;
    private readonly AnonymousPipeClientStream _error;
    private readonly byte[] _errorBytes = new byte[1024];
    private bool _isErrorOpen = true;

    private SourceChild(Process process, StderrTail errors)
    {
        _process = process;
        _errors = errors;
        _output = (AnonymousPipeClientStream)process.StandardOutput.BaseStream;
        _error = (AnonymousPipeClientStream)process.StandardError.BaseStream;
    }

    /// <summary>Process id.</summary>
    public int Id => _process.Id;

    /// <summary>Starts a program. The thread that calls this must outlive it: the kernel takes that thread's end for the agent's.</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">The agent's own binary cannot be started.</exception>
    public static SourceChild Start(AgentProgram agent, string program, IReadOnlyList<string> arguments, StderrTail errors)
    {
        var start = new ProcessStartInfo(agent.File, [.. agent.Before, SourceExecCommand.Verb, $"{Environment.ProcessId}", program, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = "/",
        };
        // What systemd gave the agent is not the program's, and the runtime needs no debugger pipe on the way to it.
        foreach (var name in (string[])["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"])
            start.Environment.Remove(name);
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        var process = Process.Start(start)!;
        process.StandardInput.Close();
        return new SourceChild(process, errors);
    }

    /// <summary>Waits for output and reads it; what comes on standard error meanwhile is kept as the tail.</summary>
    /// <param name="buffer">Room.</param>
    /// <param name="wait">Longest wait.</param>
    /// <returns>Bytes read; 0 at the end of the output; null when nothing came within the time.</returns>
    public int? Read(Span<byte> buffer, TimeSpan wait)
    {
        Span<PollItem> items = [Item(_output), Item(_error)];
        if (!_isErrorOpen)
            items[1].File = -1;
        var ready = Poll(items, 2, (int)wait.TotalMilliseconds);
        if (ready < 0 && Marshal.GetLastPInvokeError() != Interrupted)
            throw new IOException($"poll on the output of process {Id} failed: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}.");
        if (ready <= 0)
            return null;

        if (items[1].Returned != 0)
            ReadErrors();
        return items[0].Returned == 0 ? null : _output.Read(buffer);
    }

    /// <summary>Ends the whole group: as Ctrl-C would, which every camera program knows; by force when it does not listen.</summary>
    /// <returns>The program's exit code.</returns>
    public int End()
    {
        Signal(SigInt);
        if (!_process.WaitForExit(EndsWithin))
        {
            Signal(SigKill);
            _process.WaitForExit();
        }

        // What it started itself may live on in its group.
        _ = Kill(-_process.Id, SigKill);
        DrainErrors();
        return _process.ExitCode;
    }

    /// <summary>True when the program ended by itself, within a short wait.</summary>
    public bool HasEnded(TimeSpan wait) => _process.WaitForExit(wait);

    /// <inheritdoc/>
    public void Dispose()
    {
        _process.Dispose();
        _output.Dispose();
        _error.Dispose();
    }

    private void Signal(int signal)
    {
        if (_process.HasExited)
            return;

        // The group is not there yet while the binary is on its way to become the program.
        _ = Kill(-_process.Id, signal);
        _ = Kill(_process.Id, signal);
    }

    private void DrainErrors()
    {
        Span<PollItem> items = [Item(_error)];
        while (_isErrorOpen && Poll(items, 1, 0) > 0)
        {
            ReadErrors();
            items[0].Returned = 0;
        }
    }

    private void ReadErrors()
    {
        var read = _error.Read(_errorBytes);
        _isErrorOpen = read > 0;
        _errors.Add(_errorBytes.AsSpan(0, read));
    }

    private static PollItem Item(AnonymousPipeClientStream stream) => new() { File = (int)stream.SafePipeHandle.DangerousGetHandle(), Wanted = PollIn };

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(Span<PollItem> items, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int pid, int signal);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollItem
    {
        public int File;
        public short Wanted;
        public short Returned;
    }
}
