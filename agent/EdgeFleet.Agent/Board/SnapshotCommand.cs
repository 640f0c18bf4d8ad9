using System.Globalization;
using System.Text.Json;
using EdgeFleet.Agent.Hosting;

namespace EdgeFleet.Agent.Board;

/// <summary>
/// <c>edgefleet-agent snapshot SLOT [--out FILE] [--json] [--config FILE]</c>: the next sample that the slot's model answers, as a photo or CSV in a file, and the
/// answer in words. For aiming a camera and for seeing whether a sensor lives.
/// </summary>
internal static class SnapshotCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(45);

    /// <summary>Runs the command.</summary>
    /// <returns>0 done, 1 there is no sample, 2 wrong call, 3 the agent does not run.</returns>
    /// <exception cref="ConfigException">The configuration cannot be read.</exception>
    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter errors)
    {
        var parsed = CommandArgs.Parse(args, ["--json"], ["--out"], alone: 1);
        if (parsed.Fault is not null)
            return parsed.Refuse(errors, "snapshot", "SLOT [--out FILE] [--json] [--config FILE]");

        switch (await LocalSocket.AskAsync(StateFolder.Of(parsed.ConfigPath), new LocalRequest("snapshot", parsed.Alone[0]), Patience))
        {
            case { Snapshot: { } snapshot }:
                return await SaveAsync(snapshot, parsed.Value("--out"), parsed.Has("--json"), output, errors);
            case { Refused: { } refused }:
                await errors.WriteLineAsync($"edgefleet-agent snapshot: {refused.Text}\n{refused.Remedy}");
                return 1;
            default:
                await errors.WriteLineAsync("edgefleet-agent snapshot: The agent does not run, and it is the agent that holds the camera.\nStart it: sudo systemctl start edgefleet-agent");
                return Usage.NotRunning;
        }
    }

    private static async Task<int> SaveAsync(Snapshot snapshot, string? path, bool isJson, TextWriter output, TextWriter errors)
    {
        var at = DateTimeOffset.FromUnixTimeMilliseconds(snapshot.At).ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture);
        var file = Path.GetFullPath(path ?? $"{snapshot.Slot}-{at}.{snapshot.Kind}");
        try
        {
            await File.WriteAllBytesAsync(file, snapshot.Content);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            await errors.WriteLineAsync($"edgefleet-agent snapshot: {file} was not written: {e.Message}\nName a file that may be written: --out /tmp/{snapshot.Slot}.{snapshot.Kind}");
            return 1;
        }

        if (isJson)
        {
            await output.WriteLineAsync(JsonSerializer.Serialize(snapshot with { Content = [] }, LocalJson.Indented.Snapshot));
            return 0;
        }

        await output.WriteLineAsync($"{snapshot.Slot}: {snapshot.Origin}, by {snapshot.Package} ({snapshot.Variant}), {snapshot.Ms.ToString("0.0", CultureInfo.InvariantCulture)} ms");
        if (snapshot.Error is not null)
            await output.WriteLineAsync($"  not answered: {snapshot.Error}");
        foreach (var answer in snapshot.Answers)
            await output.WriteLineAsync($"  {answer.Confidence.ToString("0.0 %", CultureInfo.InvariantCulture),7}  {answer.Label}");
        await output.WriteLineAsync($"Written to {file}");
        return 0;
    }
}
