using System.Text.Json;
using EdgeFleet.Agent.Board;
using EdgeFleet.Agent.Connectivity;
using EdgeFleet.Agent.Enrolment;
using EdgeFleet.Agent.Hosting;
using EdgeFleet.Agent.Sources;
using Microsoft.Extensions.Configuration;

namespace EdgeFleet.Agent.Health.Check;

/// <summary><c>edgefleet-agent check [--json] [--config FILE]</c>: looks at everything that an unattended board needs, and says what to do about what is missing.</summary>
internal static class CheckCommand
{
    private static readonly TimeSpan AgentPatience = TimeSpan.FromSeconds(5);

    /// <summary>Runs the command.</summary>
    /// <param name="args">Arguments after the command.</param>
    /// <param name="readAll">Reads every section of a configuration and throws when one has mistakes.</param>
    /// <param name="output">For findings.</param>
    /// <param name="errors">For a wrong call.</param>
    /// <returns>0 nothing is wrong (warnings may be), 1 something is, 2 wrong call, 78 the configuration cannot be used.</returns>
    public static async Task<int> RunAsync(string[] args, Action<IConfiguration> readAll, TextWriter output, TextWriter errors)
    {
        var parsed = CommandArgs.Parse(args, ["--json"], []);
        if (parsed.Fault is not null)
            return parsed.Refuse(errors, "check", "[--json] [--config FILE]");

        var stateFolder = StateFolder.Of(parsed.ConfigPath);
        var configuration = Configuration(parsed.ConfigPath, readAll);
        List<Finding> findings = [.. configuration, .. Sources(parsed.ConfigPath, configuration), .. State(stateFolder), Clock()];
        findings.AddRange(await IdentityAsync(stateFolder));
        findings.AddRange(await AgentAsync(stateFolder));
        await PrintAsync(findings, parsed.Has("--json"), output);
        if (configuration.Any(f => f.Kind == FindingKind.Fault))
            return ConfigException.ExitCode;
        return findings.Any(f => f.Kind == FindingKind.Fault) ? 1 : 0;
    }

    private static List<Finding> Configuration(string path, Action<IConfiguration> readAll)
    {
        try
        {
            readAll(ConfigFile.Load(path));
            return [Finding.Good("configuration", $"{path} is read without complaint")];
        }
        catch (ConfigException e)
        {
            return [.. e.Faults.Select(f => new Finding("configuration", FindingKind.Fault, f.ToString(), "Correct it, and check again."))];
        }
    }

    private static IEnumerable<Finding> Sources(string path, List<Finding> configuration) =>
        configuration.Any(f => f.Kind == FindingKind.Fault) ? [] : ConfigFile.Load(path).ReadSection(SlotsOptions.Section, SlotsOptions.Read).All.Select(SourceProbe.Look);

    private static IEnumerable<Finding> State(string folder)
    {
        Finding written;
        try
        {
            var file = Path.Combine(folder, $".check-{Environment.ProcessId}");
            File.WriteAllText(file, "x");
            File.Delete(file);
            written = Finding.Good("state folder", $"{folder} can be written");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            written = new Finding("state folder", FindingKind.Fault, $"{folder} cannot be written: {e.Message}",
                "Run this as the agent's user (sudo -u edgefleet edgefleet-agent check). If that fails too: sudo chown -R edgefleet: " + folder + ", and see whether the disk is read-only: findmnt -T " + folder);
        }

        yield return written;
        yield return BoardPolicy.Disk(folder, DiskRoom.Of(folder).FreeMb);
    }

    // The package gives the program the time of the commit it was built from.
    private static Finding Clock() =>
        BoardPolicy.Clock(TimeProvider.System.GetUtcNow(), File.GetLastWriteTimeUtc(Environment.ProcessPath ?? "/"), BoardFacts.Clock());

    private static async Task<IReadOnlyList<Finding>> IdentityAsync(string stateFolder)
    {
        switch (new IdentityStore(stateFolder).Load())
        {
            case IdentityFound.Enrolled { Identity: var identity }:
                using (identity)
                {
                    return
                    [
                        Finding.Good("identity", $"this board is {identity.Assigned.Device}"),
                        BoardPolicy.Certificate(identity.Certificate.NotBefore, identity.Certificate.NotAfter, TimeProvider.System.GetUtcNow()),
                        await BrokerProbe.LookAsync(identity),
                    ];
                }

            case IdentityFound.Damaged damaged:
                return [new Finding("identity", FindingKind.Fault, damaged.Reason, "Run this with sudo if the files may not be read; else enrol again: edgefleet-agent enrol TICKET --force")];
            default:
                return [new Finding("identity", FindingKind.Warning, "this board belongs to no fleet yet", "Make a ticket in the control plane and run: sudo -u edgefleet edgefleet-agent enrol TICKET")];
        }
    }

    private static async Task<IReadOnlyList<Finding>> AgentAsync(string stateFolder) =>
        await LocalSocket.AskAsync(stateFolder, new LocalRequest("status"), AgentPatience) switch
        {
            { Status: { } status } =>
            [
                Finding.Good("agent", $"it runs (process {status.Pid})"),
                .. status.Warnings.Select(w => new Finding($"agent{(w.Slot is { } slot ? $", slot {slot}" : "")}", FindingKind.Warning, w.Text, w.Remedy)),
            ],
            { Refused: { } refused } => [new Finding("agent", FindingKind.Fault, refused.Text, refused.Remedy)],
            _ => [new Finding("agent", FindingKind.Warning, "it does not run", "sudo systemctl start edgefleet-agent, and so that it starts with the board: sudo systemctl enable edgefleet-agent")],
        };

    private static async Task PrintAsync(IReadOnlyList<Finding> findings, bool isJson, TextWriter output)
    {
        if (isJson)
        {
            await output.WriteLineAsync(JsonSerializer.Serialize(findings, FindingJson.Default.IReadOnlyListFinding));
            return;
        }

        foreach (var finding in findings)
        {
            var mark = finding.Kind switch { FindingKind.Good => "ok  ", FindingKind.Warning => "warn", _ => "BAD " };
            await output.WriteLineAsync($"{mark}  {finding.About}: {finding.Text}");
            if (finding.Remedy.Length > 0)
                await output.WriteLineAsync($"      {finding.Remedy}");
        }
    }
}
