using System.Globalization;
using System.Runtime.InteropServices;
using EdgeFleet.Agent.Inference;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeFleet.Agent.Hosting;

/// <summary>
/// Gives memory back to the board. Starting, loading a model and swapping one leave pages behind that nothing uses any more, and neither the collector nor the
/// allocator of native code returns them while the agent goes on quietly; on a board with 2 GB they are somebody else's.
/// </summary>
internal sealed partial class MemoryWorker(TimeProvider time, ILogger<MemoryWorker> logger) : BackgroundService
{
    private const long GrowthBytes = 3 << 20; // Less is not worth the milliseconds that a collection of everything takes.
    private const int MmapThreshold = -3; // M_MMAP_THRESHOLD and M_ARENA_MAX of glibc's malloc.h.
    private const int ArenaMax = -8;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);
    private long _kept;
    private long _closed;

    /// <summary>
    /// Keeps what native code allocates together, so that it can be returned: by default each thread that loads a model fills a heap of its own, and every swap
    /// leaves holes in another one. Before the first thread begins.
    /// </summary>
    public static void KeepTogether()
    {
        _ = MallOpt(ArenaMax, 1);
        _ = MallOpt(MmapThreshold, 256 << 10);
    }

    /// <summary>Returns what is free, if a model was closed or much has come since the last time.</summary>
    /// <returns>True when it did.</returns>
    public bool Look()
    {
        var (before, closed) = (AnonymousBytes(), LoadedModel.Closed);
        if (before - _kept < GrowthBytes && closed == _closed)
            return false;

        _closed = closed;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        _ = MallocTrim(0);
        _kept = AnonymousBytes();
        Log.Returned(logger, before >> 10, _kept >> 10, LoadedModel.Open);
        return true;
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            Look();
    }

    // Pages that are this process's alone: /proc/PID/statm counts in pages, its second field is all resident ones, its third those of files (proc(5)).
    private static long AnonymousBytes()
    {
        var pages = File.ReadAllText("/proc/self/statm").Split(' ').Select(f => long.Parse(f, CultureInfo.InvariantCulture)).ToArray();
        return (pages[1] - pages[2]) * Environment.SystemPageSize;
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int MallocTrim(nuint keep);

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int MallOpt(int parameter, int value);

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Debug, "MemoryReturned: {Before} kB of its own before, {After} kB after, with {Models} models")]
        public static partial void Returned(ILogger logger, long before, long after, int models);
    }
}
