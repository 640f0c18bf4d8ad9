using System.Runtime.InteropServices;

namespace EdgeFleet.Agent.Hosting;

/// <summary>Ends the process without waiting for any of its threads: an exit in order would wait for the one that hangs.</summary>
internal static partial class HardExit
{
    /// <summary>Ends it. Files that were closed or written through are whole.</summary>
    [LibraryImport("libc", EntryPoint = "_exit")]
    public static partial void Now(int code);
}
