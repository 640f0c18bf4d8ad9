using System.Text.Json;
using EdgeFleet.Agent.Enrolment;
using EdgeFleet.Agent.Hosting;
using EdgeFleet.Agent.Updates;

namespace EdgeFleet.Agent.Board;

/// <summary><c>edgefleet-agent status [--json] [--config FILE]</c>: how the agent on this board stands. Needs no network.</summary>
internal static class StatusCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Runs the command.</summary>
    /// <returns>0 it runs and has no warning, 1 it has warnings, 2 wrong call, 3 it does not run.</returns>
    /// <exception cref="ConfigException">The configuration cannot be read.</exception>
    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter errors)
    {
        var parsed = CommandArgs.Parse(args, ["--json"], []);
        if (parsed.Fault is not null)
            return parsed.Refuse(errors, "status", "[--json] [--config FILE]");

        var stateFolder = StateFolder.Of(parsed.ConfigPath);
        switch (await LocalSocket.AskAsync(stateFolder, new LocalRequest("status"), Patience))
        {
            case { Status: { } status } when parsed.Has("--json"):
                await output.WriteLineAsync(JsonSerializer.Serialize(status, LocalJson.Indented.AgentStatus));
                return status.Warnings.Count == 0 ? 0 : 1;
            case { Status: { } status }:
                foreach (var line in StatusText.Of(status))
                    await output.WriteLineAsync(line);
                return status.Warnings.Count == 0 ? 0 : 1;
            case { Refused: { } refused }:
                await errors.WriteLineAsync($"edgefleet-agent status: {refused.Text}\n{refused.Remedy}");
                return 1;
            default:
                await SayNotRunningAsync(stateFolder, parsed.Has("--json"), output);
                return Usage.NotRunning;
        }
    }

    private static async Task SayNotRunningAsync(string stateFolder, bool isJson, TextWriter output)
    {
        if (isJson)
        {
            await output.WriteLineAsync("null");
            return;
        }

        await output.WriteLineAsync($"The agent does not run (state folder {stateFolder}).");
        await output.WriteLineAsync("Start it: sudo systemctl start edgefleet-agent. Why it ended: systemctl status edgefleet-agent, edgefleet-agent logs.");
        await output.WriteLineAsync(new IdentityStore(stateFolder).IsEnrolled ? "enrolled  yes" : "enrolled  no: edgefleet-agent enrol TICKET");
        foreach (var slot in OnDisk(stateFolder))
        {
            var (reason, _) = SlotReport.Ending(slot.State);
            await output.WriteLineAsync($"slot      {slot.Slot} last served {slot.Serving.Active?.ToString() ?? "nothing"}; {slot.State.Name}{(reason is null ? "" : $": {reason}")}");
        }
    }

    // Read only: putting a damaged file aside is the agent's own business.
    private static IEnumerable<SlotRecord> OnDisk(string stateFolder)
    {
        var folder = Path.Combine(stateFolder, "updates");
        if (!Directory.Exists(folder))
            yield break;

        foreach (var file in Directory.EnumerateFiles(folder, "*.json").Where(f => !f.EndsWith(".active.json", StringComparison.Ordinal) && !Path.GetFileName(f).StartsWith('.')).Order(StringComparer.Ordinal))
        {
            if (Read(file) is { } record)
                yield return record;
        }
    }

    private static SlotRecord? Read(string file)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(file), UpdateJson.Default.SlotRecord);
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
