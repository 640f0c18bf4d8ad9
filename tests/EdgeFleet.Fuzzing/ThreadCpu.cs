using System.Runtime.InteropServices;

namespace EdgeFleet.Fuzzing;

/// <summary>Processor time of the calling thread.</summary>
internal static partial class ThreadCpu
{
    private const int ThreadClock = 3; // CLOCK_THREAD_CPUTIME_ID

    /// <summary>Time so far.</summary>
    public static TimeSpan Now => GetTime(ThreadClock, out var at) == 0
        ? TimeSpan.FromSeconds(at.Seconds) + TimeSpan.FromTicks(at.Nanoseconds / 100)
        : throw new InvalidOperationException("The kernel tells no processor time of a thread.");

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, out At at);

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct At(long Seconds, long Nanoseconds);
}
