using System.Globalization;
using System.Runtime.InteropServices;

namespace EdgeFleet.Agent.Sources.Commands;

/// <summary>
/// <c>edgefleet-agent source-exec PARENT PROGRAM ARGUMENTS...</c>: becomes a source's program, after it has set what must hold for it and what no one can set
/// from outside: a process group of its own, and death with the agent.
/// </summary>
internal static partial class SourceExecCommand
{
    /// <summary>The verb.</summary>
    public const string Verb = "source-exec";

    /// <summary>Exit code when the program could not be started, as shells give it.</summary>
    public const int NotStarted = 127;

    private const int ParentDeathSignal = 1;
    private const int SigInt = 2;
    private const int SigKill = 9;
    private const int SigPipe = 13;

    /// <summary>Becomes the program; returns only when that failed.</summary>
    public static int Run(IReadOnlyList<string> args)
    {
        if (args.Count < 2 || !int.TryParse(args[0], CultureInfo.InvariantCulture, out var parent))
        {
            Console.Error.WriteLine($"edgefleet-agent {Verb} is started by the agent itself.");
            return Hosting.Usage.ExitCode;
        }

        _ = SetProcessGroup(0, 0);
        _ = Prctl(ParentDeathSignal, SigKill, 0, 0, 0);
        if (GetParent() != parent)
            return NotStarted;

        // The runtime ignores SIGPIPE, and what is ignored stays so over exec: the program must end when nobody reads it.
        _ = Signal(SigPipe, 0);
        _ = Signal(SigInt, 0);
        var error = Execute(args[1], [.. args.Skip(1)]);
        Console.Error.WriteLine($"{args[1]} was not started: {Marshal.GetPInvokeErrorMessage(error)}.");
        return NotStarted;
    }

    private static unsafe int Execute(string program, string[] arguments)
    {
        var texts = new nint[arguments.Length + 1];
        for (var i = 0; i < arguments.Length; i++)
            texts[i] = Marshal.StringToCoTaskMemUTF8(arguments[i]);
        fixed (nint* list = texts)
            _ = Exec(program, list);
        return Marshal.GetLastPInvokeError();
    }

    [LibraryImport("libc", EntryPoint = "setpgid", SetLastError = true)]
    private static partial int SetProcessGroup(int pid, int group);

    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    private static partial int Prctl(int option, nuint a, nuint b, nuint c, nuint d);

    [LibraryImport("libc", EntryPoint = "getppid")]
    private static partial int GetParent();

    [LibraryImport("libc", EntryPoint = "signal", SetLastError = true)]
    private static partial nint Signal(int signal, nint handler);

    [LibraryImport("libc", EntryPoint = "execvp", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int Exec(string file, nint* arguments);
}
