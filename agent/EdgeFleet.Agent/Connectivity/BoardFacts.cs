using System.Reflection;
using System.Runtime.InteropServices;

namespace EdgeFleet.Agent.Connectivity;

/// <summary>What a hello says of the board and the program.</summary>
internal static partial class BoardFacts
{
    private const int TimexBytes = 512; // struct timex has 208 bytes on 64-bit Linux.
    private const int ClockUnsynchronised = 5; // TIME_ERROR

    /// <summary>Version of the agent.</summary>
    public static string AgentVersion { get; } =
        typeof(BoardFacts).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    /// <summary>The kernel's boot id.</summary>
    public static string Boot { get; } = ReadLine("/proc/sys/kernel/random/boot_id") ?? "";

    /// <summary>Operating system, as it names itself.</summary>
    public static string Os { get; } = OsName();

    /// <summary><c>x64</c> or <c>arm64</c>.</summary>
    public static string Arch { get; } = RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();

    /// <summary><c>ntp</c> while the kernel knows its clock to be synchronised, <c>rtc</c> where a hardware clock is, else <c>none</c>.</summary>
    public static string Clock()
    {
        // All zero asks and changes nothing.
        var timex = new byte[TimexBytes];
        var state = AdjTimex(timex);
        if (state is >= 0 and not ClockUnsynchronised)
            return "ntp";
        return Directory.Exists("/sys/class/rtc/rtc0") ? "rtc" : "none";
    }

    private static string OsName()
    {
        try
        {
            return File.ReadLines("/etc/os-release").FirstOrDefault(l => l.StartsWith("PRETTY_NAME=", StringComparison.Ordinal))?["PRETTY_NAME=".Length..].Trim('"')
                ?? RuntimeInformation.OSDescription;
        }
        catch (IOException)
        {
            return RuntimeInformation.OSDescription;
        }
    }

    private static string? ReadLine(string path)
    {
        try
        {
            return File.ReadAllText(path).Trim();
        }
        catch (IOException)
        {
            return null;
        }
    }

    [LibraryImport("libc", EntryPoint = "adjtimex")]
    private static partial int AdjTimex([In, Out] byte[] timex);
}
