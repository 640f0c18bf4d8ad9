using System.Globalization;
using System.Runtime.InteropServices;

namespace EdgeFleet.Agent.Updates.Rehearsal;

/// <summary>What the rehearsing process takes from itself before it touches the candidate, so that a bad model costs nothing but itself.</summary>
internal static partial class RehearsalLimits
{
    private const int LowPriority = 10;
    private const int PrioProcess = 0;
    private const int ParentDeathSignal = 1;
    private const int SigKill = 9;
    private const int LimitData = 2;
    private const int LimitCore = 4;
    private const int ThreadCpuClock = 3;

    /// <summary>Low priority, first in line for the OOM killer, no core file, dies with its parent, and a cap on memory.</summary>
    /// <param name="memoryBytes">Memory that may be added to what the process has now.</param>
    /// <param name="parent">Process that started this one; if it is gone already, this one ends.</param>
    public static void Apply(long memoryBytes, int parent)
    {
        StandAside(parent);
        // DATA and not AS: the runtime reserves hundreds of gigabytes of address space for its heap without touching them, which AS counts and DATA does not.
        SetLimit(LimitData, Status("VmData") + memoryBytes);
    }

    /// <summary>Low priority, first in line for the OOM killer, no core file, dies with its parent.</summary>
    /// <param name="parent">Process that started this one; if it is gone already, this one ends.</param>
    public static void StandAside(int parent)
    {
        _ = Prctl(ParentDeathSignal, SigKill, 0, 0, 0);
        if (parent != 0 && GetParent() != parent)
            Environment.Exit(3);

        _ = SetPriority(PrioProcess, 0, LowPriority);
        File.WriteAllText("/proc/self/oom_score_adj", "1000");
        SetLimit(LimitCore, 0);
    }

    /// <summary>Anonymous resident memory of this process, in bytes.</summary>
    public static long AnonymousBytes() => Status("RssAnon");

    /// <summary>CPU time of the calling thread. A model on one thread is measured by it, so that the serving model beside it does not make it look slow.</summary>
    public static TimeSpan ThreadCpu() =>
        GetClock(ThreadCpuClock, out var t) == 0 ? TimeSpan.FromTicks((t.Seconds * TimeSpan.TicksPerSecond) + (t.Nanoseconds / 100)) : TimeSpan.Zero;

    private static long Status(string name)
    {
        var line = File.ReadLines("/proc/self/status").First(l => l.StartsWith(name + ":", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2].Split('\t')[^1], CultureInfo.InvariantCulture) * 1024;
    }

    private static void SetLimit(int resource, long bytes)
    {
        var limit = new Limit((ulong)bytes, (ulong)bytes);
        if (SetResourceLimit(resource, in limit) != 0)
            throw new IOException($"setrlimit({resource}, {bytes}) failed: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}.");
    }

    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    private static partial int Prctl(int option, nuint a, nuint b, nuint c, nuint d);

    [LibraryImport("libc", EntryPoint = "getppid")]
    private static partial int GetParent();

    [LibraryImport("libc", EntryPoint = "setpriority", SetLastError = true)]
    private static partial int SetPriority(int which, int who, int priority);

    [LibraryImport("libc", EntryPoint = "setrlimit", SetLastError = true)]
    private static partial int SetResourceLimit(int resource, in Limit limit);

    [LibraryImport("libc", EntryPoint = "clock_gettime", SetLastError = true)]
    private static partial int GetClock(int clock, out TimeSpec time);

    // The kernel's struct rlimit on 64-bit boards.
    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Limit(ulong Soft, ulong Hard);

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct TimeSpec(long Seconds, long Nanoseconds);
}
