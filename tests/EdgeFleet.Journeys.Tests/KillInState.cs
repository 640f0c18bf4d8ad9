using System.Runtime.InteropServices;
using System.Text.Json;
using EdgeFleet.Testing.Processes;

namespace EdgeFleet.Journeys.Tests;

/// <summary>Ends an agent by kill -9 as soon as its file of the slot says a state; told by the kernel, since some states last a millisecond.</summary>
internal sealed partial class KillInState : IDisposable
{
    private const int SigKill = 9;
    private static readonly string[] Way = ["Downloading", "Verifying", "Rehearsing", "Activating", "Probation", "Committed"];
    private readonly AgentProcess _board;
    private readonly string _state;
    private readonly string _file;
    private readonly int _process;
    private readonly FileSystemWatcher _watcher;
    private readonly TaskCompletionSource<bool> _killed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isUnderWay;

    public KillInState(AgentProcess board, string state)
    {
        (_board, _state, _process) = (board, state, board.ProcessId);
        _file = Path.Combine(board.StateFolder, "updates", $"{JourneyFleet.Slot}.json");
        _watcher = new FileSystemWatcher(Path.GetDirectoryName(_file)!) { NotifyFilter = NotifyFilters.FileName };
        _watcher.Renamed += (_, change) => Look(change.FullPath);
        _watcher.Created += (_, change) => Look(change.FullPath);
        _watcher.EnableRaisingEvents = true;
    }

    /// <summary>Waits for the kill and starts the agent again.</summary>
    /// <returns>The state that the kill left on the disk; null when the agent passed through it unseen, and lives.</returns>
    public async Task<string?> StartsAgainAsync(CancellationToken cancel)
    {
        if (!await _killed.Task.WaitAsync(JourneyFleet.Patience, cancel))
            return null;

        await _board.KillAsync();
        var left = StateOnDisk();
        _board.Start();
        return left;
    }

    public void Dispose() => _watcher.Dispose();

    private void Look(string changed)
    {
        if (changed != _file || _killed.Task.IsCompleted || StateOnDisk() is not { } state)
            return;

        if (state == _state)
        {
            _ = Kill(_process, SigKill);
            _killed.TrySetResult(true);
        }
        else if (Array.IndexOf(Way, state) > Array.IndexOf(Way, _state) && (_isUnderWay || state != "Committed"))
        {
            _killed.TrySetResult(false);
        }

        _isUnderWay |= state != "Committed";
    }

    private string? StateOnDisk()
    {
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(_file));
            return json.RootElement.GetProperty("state").GetProperty("is").GetString();
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            return null;
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);
}
