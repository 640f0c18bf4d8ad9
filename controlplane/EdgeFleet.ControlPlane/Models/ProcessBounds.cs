using System.Runtime.InteropServices;

namespace EdgeFleet.ControlPlane.Models;

/// <summary>Bounds that a process lays on itself before it touches a stranger's model. They cannot be lifted again.</summary>
internal static partial class ProcessBounds
{
    private const int Data = 2; // RLIMIT_DATA: private writable memory, which is what an allocation bomb takes; RLIMIT_AS would count the runtime's reservations.
    private const int Core = 4; // RLIMIT_CORE
    private const int DieWithParent = 1; // PR_SET_PDEATHSIG
    private const int Kill = 9;

    /// <summary>Limits memory, forbids core files, yields to everything else, is the first to go when memory is short, and ends with its parent.</summary>
    /// <exception cref="InvalidOperationException">The kernel refuses the limit.</exception>
    public static void Apply(int memoryMb)
    {
        var bytes = (ulong)memoryMb * 1024 * 1024;
        Limit(Data, bytes);
        Limit(Core, 0);
        _ = SetPriority(0, 0, 15);
        _ = ProcessControl(DieWithParent, Kill, 0, 0, 0);
        File.WriteAllText("/proc/self/oom_score_adj", "1000");
    }

    private static void Limit(int what, ulong bytes)
    {
        var limit = new ResourceLimit { Soft = bytes, Hard = bytes };
        if (SetLimit(what, in limit) != 0)
            throw new InvalidOperationException($"setrlimit({what}, {bytes}) failed: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}.");
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct ResourceLimit
    {
        public ulong Soft;
        public ulong Hard;
    }

    [LibraryImport("libc", EntryPoint = "setrlimit", SetLastError = true)]
    private static partial int SetLimit(int resource, in ResourceLimit limit);

    [LibraryImport("libc", EntryPoint = "setpriority", SetLastError = true)]
    private static partial int SetPriority(int which, uint who, int priority);

    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    private static partial int ProcessControl(int option, nuint a, nuint b, nuint c, nuint d);
}
