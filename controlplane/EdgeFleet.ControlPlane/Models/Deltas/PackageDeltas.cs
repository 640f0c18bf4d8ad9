using System.Collections.Concurrent;
using System.Globalization;
using EdgeFleet.Shared.Processes;
using Microsoft.Extensions.Options;

namespace EdgeFleet.ControlPlane.Models.Deltas;

/// <summary>
/// Deltas between versions of packages: made when a board first asks, one at a time and in a process of its own, and kept. Whoever asks meanwhile waits for the same one.
/// </summary>
internal sealed partial class PackageDeltas(DeltaPairs pairs, DeltaStore store, PackageFiles files, IOptions<DeltaOptions> options, ILogger<PackageDeltas> logger) : IAsyncDisposable
{
    private const long Mb = 1024 * 1024;

    // Less is not worth a board's work.
    private const double WholeShareMax = 0.95;

    private readonly ConcurrentDictionary<DeltaPair, Task<DeltaEnding>> _making = new();
    private readonly SemaphoreSlim _one = new(1);
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();

    /// <summary>The delta of a pair.</summary>
    public async Task<DeltaEnding> AskAsync(DeltaPair pair, CancellationToken cancel)
    {
        if (store.Find(pair) is { } known)
            return known;
        if (await pairs.WhyNotAsync(pair, options.Value.FileMbMax * Mb, cancel) is { } why)
            return new DeltaEnding.None(why);
        if (Making(pair) is not { } making)
            return new DeltaEnding.Later();

        try
        {
            return await making.WaitAsync(TimeSpan.FromSeconds(options.Value.WaitSeconds), cancel);
        }
        catch (TimeoutException)
        {
            return new DeltaEnding.Later();
        }
    }

    /// <summary>The delta of a pair that was asked for, once it is made.</summary>
    internal Task<DeltaEnding> MadeAsync(DeltaPair pair) => _making[pair];

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync(); // Ends the child.
        await Task.WhenAll(_making.Values);
        _stop.Dispose();
        _one.Dispose();
    }

    // A pair that failed keeps its task, so that it is not tried again before the next start.
    private Task<DeltaEnding>? Making(DeltaPair pair)
    {
        lock (_lock)
        {
            if (_making.TryGetValue(pair, out var making))
                return making;
            if (_making.Values.Count(t => !t.IsCompleted) >= options.Value.QueueMax)
                return null;
            foreach (var (old, task) in _making.Where(m => m.Value.IsCompleted).Take(Math.Max(0, _making.Count - (2 * options.Value.QueueMax))))
                _making.TryRemove(new KeyValuePair<DeltaPair, Task<DeltaEnding>>(old, task));
            return _making[pair] = Task.Run(() => MakeAsync(pair), CancellationToken.None);
        }
    }

    private async Task<DeltaEnding> MakeAsync(DeltaPair pair)
    {
        try
        {
            await _one.WaitAsync(_stop.Token);
            try
            {
                return await RunChildAsync(pair, _stop.Token);
            }
            finally
            {
                _one.Release();
            }
        }
        catch (OperationCanceledException)
        {
            return new DeltaEnding.Later();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogFailed(logger, pair.From.Short, pair.To.Short, e.Message);
            return new DeltaEnding.None("It could not be made here.");
        }
    }

    private async Task<DeltaEnding> RunChildAsync(DeltaPair pair, CancellationToken cancel)
    {
        var delta = store.UnfinishedPathOf(pair);
        try
        {
            var call = OwnProgram.Call(
                MakeDeltaCommand.Name, files.PathOf(pair.From), files.PathOf(pair.To), delta, options.Value.MakeMemoryMb.ToString(CultureInfo.InvariantCulture));
            var (end, why) = await ChildRun.RunAsync(call, TimeSpan.FromSeconds(options.Value.MakeSeconds), cancel);
            if (end is not { ExitCode: 0, TimedOut: false })
            {
                LogFailed(logger, pair.From.Short, pair.To.Short, end is null ? why : end.TimedOut ? $"not done after {options.Value.MakeSeconds:0.#} s" : $"exit code {end.ExitCode}{end.Said}");
                return new DeltaEnding.None("It could not be made here.");
            }

            var (bytes, whole) = (new FileInfo(delta).Length, new FileInfo(files.PathOf(pair.To)).Length);
            store.Keep(pair, bytes <= whole * WholeShareMax);
            LogMade(logger, pair.From.Short, pair.To.Short, bytes, whole);
            return store.Find(pair) ?? new DeltaEnding.Later();
        }
        finally
        {
            File.Delete(delta);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "DeltaMade {From} to {To}: {Bytes} bytes where the file has {Whole}")]
    private static partial void LogMade(ILogger logger, string from, string to, long bytes, long whole);

    [LoggerMessage(Level = LogLevel.Warning, Message = "DeltaNotMade {From} to {To}: {Why}")]
    private static partial void LogFailed(ILogger logger, string from, string to, string why);
}
