using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace EdgeFleet.Testing.Processes;

/// <summary>
/// A wall clock ahead of the machine's, or behind it: a file that libfaketime reads, once a second, in every program that is started with <see cref="Environment"/>.
/// What measures time that passes goes on as it was, as on a board whose clock is set.
/// </summary>
public sealed class MovedClock
{
    /// <summary>What a skipped test says.</summary>
    public const string Absent = "Skipped: libfaketime is not installed; make test installs it.";

    private const int Digits = 12;
    private readonly List<string> _files;

    /// <summary>A clock that shows what the machine's does.</summary>
    /// <param name="file">File that says how far it is ahead.</param>
    public MovedClock(string file)
    {
        _files = [file];
        Set(TimeSpan.Zero);
    }

    /// <summary>True where libfaketime is installed.</summary>
    public static bool IsThere => File.Exists(Library(RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "arm64" : "amd64"));

    /// <summary>How far it is ahead; behind, when negative.</summary>
    public TimeSpan Ahead { get; private set; }

    /// <summary>What it shows.</summary>
    public DateTimeOffset Now => TimeProvider.System.GetUtcNow() + Ahead;

    /// <summary>Variables for programs of this machine.</summary>
    public IReadOnlyDictionary<string, string> Environment => EnvironmentFor(RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "arm64" : "amd64", _files[0]);

    /// <summary>Variables for programs of an architecture (<c>amd64</c>, <c>arm64</c>) that see the clock's file under a path of their own.</summary>
    public static IReadOnlyDictionary<string, string> EnvironmentFor(string architecture, string file) => new Dictionary<string, string>
    {
        ["LD_PRELOAD"] = Library(architecture),
        ["FAKETIME_TIMESTAMP_FILE"] = file,
        ["FAKETIME_CACHE_DURATION"] = "1",
        ["DONT_FAKE_MONOTONIC"] = "1",
        ["NO_FAKE_STAT"] = "1",
        ["FAKETIME_DISABLE_SHM"] = "1",
        // Its mending of timed waits would make every one of .NET's return at once, and wait again.
        ["FAKETIME_FORCE_MONOTONIC_FIX"] = "0",
    };

    /// <summary>Keeps another file that says the same.</summary>
    public void Also(string file)
    {
        _files.Add(file);
        Set(Ahead);
    }

    /// <summary>Sets it.</summary>
    public void Set(TimeSpan ahead)
    {
        Ahead = ahead;
        var seconds = (long)ahead.TotalSeconds;
        var text = (seconds < 0 ? "-" : "+") + Math.Abs(seconds).ToString(CultureInfo.InvariantCulture).PadLeft(Digits, '0') + "\n";
        foreach (var each in _files)
        {
            // Written over in place: at no moment is it empty, which would say that the clock is right.
            using var file = new FileStream(each, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            file.Write(Encoding.ASCII.GetBytes(text));
        }
    }

    private static string Library(string architecture) => $"/usr/lib/{(architecture == "arm64" ? "aarch64" : "x86_64")}-linux-gnu/faketime/libfaketimeMT.so.1";
}
