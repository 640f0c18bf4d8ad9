using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace EdgeFleet.Testing.Processes;

/// <summary>A real process with its output in a file. It is ended by its own id and no other.</summary>
public sealed partial class LocalProcess : IAsyncDisposable
{
    private const int SigTerm = 15;
    private const int SigKill = 9;
    private readonly Process _process;
    private readonly StreamWriter _log;
    private readonly StringBuilder _output = new();

    private LocalProcess(Process process, string logPath)
    {
        _process = process;
        _log = new StreamWriter(new FileStream(logPath, FileMode.Append, FileAccess.Write, FileShare.ReadWrite)) { AutoFlush = true };
        process.OutputDataReceived += (_, line) => Keep(line.Data, isOutput: true);
        process.ErrorDataReceived += (_, line) => Keep(line.Data, isOutput: false);
    }

    /// <summary>Process id.</summary>
    public int Id => _process.Id;

    /// <summary>True once it has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>What it wrote to standard output.</summary>
    public string Output
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    /// <summary>Starts a program.</summary>
    /// <param name="command">Program and arguments.</param>
    /// <param name="logPath">Gets standard output and error, appended.</param>
    /// <param name="environment">Variables over those of this process.</param>
    /// <param name="input">Text for standard input, which is closed after it.</param>
    public static LocalProcess Start(IReadOnlyList<string> command, string logPath, IReadOnlyDictionary<string, string>? environment = null, string? input = null)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            // Not the caller's folder: programs must find their own files from anywhere.
            WorkingDirectory = Path.GetTempPath(),
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;

        var process = new Process { StartInfo = start };
        var local = new LocalProcess(process, logPath);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        process.StandardInput.Write(input ?? "");
        process.StandardInput.Close();
        return local;
    }

    /// <summary>Runs a program to its end.</summary>
    /// <returns>Exit code, standard output, and both outputs together.</returns>
    public static async Task<(int Code, string Output, string All)> RunAsync(
        IReadOnlyList<string> command, TimeSpan timeout, CancellationToken cancel, IReadOnlyDictionary<string, string>? environment = null, string? input = null)
    {
        var log = Path.GetTempFileName();
        try
        {
            await using var process = Start(command, log, environment, input);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            limit.CancelAfter(timeout);
            await process._process.WaitForExitAsync(limit.Token);
            await process.DisposeAsync();
            return (process._exitCode, process.Output, await File.ReadAllTextAsync(log, cancel));
        }
        finally
        {
            File.Delete(log);
        }
    }

    private int _exitCode;
    private bool _disposed;

    /// <summary>Exit code once it has ended.</summary>
    public int ExitCode => _disposed ? _exitCode : _process.ExitCode;

    /// <summary>Ends it as a power cut would: kill -9, nothing is flushed.</summary>
    public async Task KillAsync()
    {
        if (!_process.HasExited)
            _ = Kill(_process.Id, SigKill);
        await _process.WaitForExitAsync();
    }

    /// <summary>Asks it to end (SIGTERM) and waits; kills it when it does not within the time.</summary>
    public async Task StopAsync(TimeSpan? within = null)
    {
        if (_process.HasExited)
            return;

        _ = Kill(_process.Id, SigTerm);
        using var limit = new CancellationTokenSource(within ?? TimeSpan.FromSeconds(20));
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            await KillAsync();
            throw new TimeoutException($"Process {_process.Id} ({_process.StartInfo.FileName}) did not end on SIGTERM.");
        }
    }

    /// <summary>Waits for the end.</summary>
    public async Task<int> WaitAsync(CancellationToken cancel)
    {
        await _process.WaitForExitAsync(cancel);
        return _process.ExitCode;
    }

    /// <summary>Kills it if it runs, and lets go of it.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
            return;

        await KillAsync();
        _exitCode = _process.ExitCode;
        _disposed = true;
        _process.Dispose();
        await _log.DisposeAsync();
    }

    private void Keep(string? line, bool isOutput)
    {
        if (line is null)
            return;

        lock (_output)
        {
            if (isOutput)
                _output.AppendLine(line);
            if (_log.BaseStream.CanWrite)
                _log.WriteLine(line);
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int pid, int signal);
}
