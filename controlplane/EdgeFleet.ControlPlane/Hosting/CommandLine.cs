namespace EdgeFleet.ControlPlane.Hosting;

/// <summary>The program's arguments, taken apart.</summary>
/// <param name="Command">First word: <c>run</c>, <c>user</c>, <c>backup</c>, <c>restore</c>, <c>check-package</c>, <c>make-delta</c>, <c>help</c>, <c>version</c>.</param>
/// <param name="Arguments">The command and what follows it, without <c>--config F</c>.</param>
/// <param name="ConfigurationFile">File of <c>--config</c>, absolute; null if none was named.</param>
internal sealed record CommandLine(string Command, IReadOnlyList<string> Arguments, string? ConfigurationFile)
{
    public const string Usage = """
        Usage: edgefleet-controlplane [run] [--config FILE]              serve the fleet
               edgefleet-controlplane user add NAME --role ROLE [--password-stdin] [--config FILE]
               edgefleet-controlplane backup FILE|- [--config FILE]       everything it keeps, into one file, while it runs
               edgefleet-controlplane restore FILE|- [--replace] [--config FILE]   and back, while it does not
               edgefleet-controlplane check-package FOLDER                check a model package, print one JSON line
               edgefleet-controlplane make-delta FROM TO DELTA MEMORY_MB  make the delta between two files
               edgefleet-controlplane --help | --version
        Settings come from appsettings.json beside the program, then FILE, then the environment (EDGEFLEET_ControlPlane__HttpsPort=9443).
        """;

    /// <summary>Reads the arguments; a string is the fault that was found in them.</summary>
    public static (CommandLine? Line, string? Fault) Parse(IReadOnlyList<string> args)
    {
        var rest = args.ToList();
        string? file = null;
        var at = rest.IndexOf("--config");
        if (at >= 0)
        {
            if (at + 1 >= rest.Count)
                return (null, "--config needs a file, for example --config /etc/edgefleet/controlplane.json");
            file = Path.GetFullPath(rest[at + 1]);
            rest.RemoveRange(at, 2);
        }

        return rest switch
        {
            [] or ["run"] => (new CommandLine("run", ["run"], file), null),
            ["--help" or "-h" or "help"] => (new CommandLine("help", [], file), null),
            ["--version"] => (new CommandLine("version", [], file), null),
            ["user" or "backup" or "restore" or "check-package" or "make-delta", ..] => (new CommandLine(rest[0], rest, file), null),
            _ => (null, $"'{string.Join(' ', rest)}' is not a command of this program."),
        };
    }
}
