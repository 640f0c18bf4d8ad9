using System.Text;
using System.Text.Json.Nodes;
using EdgeFleet.Benchmarks.Install;
using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Testing.Packages;
using EdgeFleet.Testing.Processes;
using EdgeFleet.Testing.Wire;
using Microsoft.Data.Sqlite;

namespace EdgeFleet.Benchmarks.Compat;

/// <summary>
/// A fleet of a tag that becomes one of today: first both are the tag's, then the control plane is today's over the same folder, then the agent is. What the tag's
/// programs said and kept meanwhile is recorded.
/// </summary>
internal sealed class Upgrade(Programs tag, string folder, CancellationToken cancel) : IAsyncDisposable
{
    private const int AwaySeconds = 6;
    private static readonly TestPackage First = CompatPackages.Version(1);
    private static readonly TestPackage Second = CompatPackages.Version(2);
    private static readonly TestPackage Third = CompatPackages.Version(3);
    private readonly CompatFleet _fleet = new(folder, cancel);
    private readonly List<WireRecord> _records = [];

    private string Identity => Path.Combine(_fleet.Board.StateFolder, "identity");

    /// <summary>Both of the tag: enrolled, rolled out, alerted, told something; then the control plane goes, records wait, and the agent dies.</summary>
    /// <returns>What was recorded.</returns>
    public async Task<IReadOnlyList<WireRecord>> LiveAsync()
    {
        await _fleet.StartControlPlaneAsync(tag);
        var ticket = await _fleet.EnrolAsync(tag);
        _records.Add(new WireRecord(WireReader.Ticket, Encoding.ASCII.GetBytes(ticket)));
        _records.Add(new WireRecord(WireReader.Enrolment, await File.ReadAllBytesAsync(Path.Combine(Identity, "device.json"), cancel)));
        await using (var recorder = new MqttRecorder(Path.Combine(_fleet.ControlPlane.Folder, "ca"), Identity))
        {
            _fleet.StartBoard(tag);
            await _fleet.PublishAsync(First);
            await _fleet.RollOutAsync(First);
            await _fleet.AliveAsync(First);
            await Eventually.GetAsync(async () => (await _fleet.Api.AlertsAsync(0, cancel)).Alerts.FirstOrDefault(a => a.Photo is not null), "an alert with a photo", CompatFleet.Patience, cancel);
            await Eventually.IsAsync(() => WireReader.KindsOfAll.Where(k => k.Contains('/')).All(k => recorder.Records.Any(r => WireReader.KindOf(r) == k)), "every kind of message", CompatFleet.Patience, cancel);
            await CommandAsync(recorder);
            await _fleet.ControlPlane.StopAsync();
            var left = TimeProvider.System.GetTimestamp();
            await Eventually.IsAsync(() => TimeProvider.System.GetElapsedTime(left).TotalSeconds > AwaySeconds, "some seconds without a control plane", CompatFleet.Patience, cancel);
            await _fleet.Board.KillAsync();
            _records.AddRange(recorder.Records);
        }

        foreach (var (name, file) in new[] { (WireReader.ManifestFile, "manifest.json"), (WireReader.GoldenFile, "golden/golden.json"), (WireReader.ReferenceFile, "reference.json") })
            _records.Add(new WireRecord(name, file == "manifest.json" ? First.ManifestBytes : First.Files[file]));
        _records.Add(new WireRecord(WireReader.SlotFile, await File.ReadAllBytesAsync(Path.Combine(_fleet.Board.StateFolder, "updates", $"{CompatFleet.Slot}.json"), cancel)));
        return _records;
    }

    /// <summary>Today's control plane on the tag's folder, with the tag's agent.</summary>
    /// <returns>What was seen.</returns>
    public async Task<string> ControlPlaneAsync()
    {
        var left = Outbox();
        await _fleet.StartControlPlaneAsync(Programs.Today);
        var kept = await _fleet.DeviceAsync();
        var rows = (await _fleet.Api.TelemetryAsync(_fleet.Board.DeviceId, CompatFleet.Slot, 1, cancel)).Rows.Count;
        var alerts = (await _fleet.Api.AlertsAsync(0, cancel)).Alerts;
        var packages = await _fleet.Api.PackagesAsync(cancel);
        var rollouts = await _fleet.Api.RolloutsAsync(cancel);
        Hold(kept.Streams.Any(s => s.Stored > 0) && rows > 0, "the telemetry is gone");
        Hold(packages.Count == 1 && rollouts is [{ State: "done" }], "packages or rollouts are gone");
        Hold((await _fleet.Api.BlobAsync(alerts.First(a => a.Photo is not null).Photo!, cancel)).Length > 0, "the alert's photo is gone");

        _fleet.StartBoard(tag);
        await DrainedAsync(kept.Streams, left);
        await _fleet.AliveAsync(First);
        await _fleet.PublishAsync(Second);
        await _fleet.RollOutAsync(Second);
        await _fleet.AliveAsync(Second);
        return $"migrated with {rows} rows, {alerts.Count} alerts; the tag's agent brought {left.Count} records that waited, and took {Second.Ref.Label}";
    }

    /// <summary>Today's agent on the tag's folder: it serves before it has a control plane, then brings what waited and takes another version.</summary>
    /// <returns>What was seen.</returns>
    public async Task<string> AgentAsync()
    {
        var before = (await _fleet.DeviceAsync()).Streams;
        await _fleet.ControlPlane.StopAsync();
        await _fleet.Board.KillAsync();
        var left = Outbox();
        _fleet.StartBoard(Programs.Today);
        await Eventually.GetAsync(() => ServesAsync(Second), $"today's agent to serve {Second.Ref.Label} with no network", CompatFleet.Patience, cancel);

        await _fleet.StartControlPlaneAsync(Programs.Today);
        await DrainedAsync(before, left);
        await _fleet.AliveAsync(Second);
        await _fleet.PublishAsync(Third);
        await _fleet.RollOutAsync(Third);
        await _fleet.AliveAsync(Third);
        return $"it served {Second.Ref.Label} with no network, brought {left.Count} records that waited, and took {Third.Ref.Label}";
    }

    public ValueTask DisposeAsync() => _fleet.DisposeAsync();

    // As a person at the board sees it.
    private async Task<JsonNode?> ServesAsync(TestPackage package)
    {
        var (_, said, _) = await _fleet.Board.CommandAsync(cancel, "status", "--json");
        var slot = said.StartsWith('{') ? JsonNode.Parse(said)!["slots"]?[0] : null;
        return (string?)slot?["active"]?["version"] == package.Ref.Version && (long?)slot["samples"]?["answered"] > 0 ? slot : null;
    }

    // A control plane that knows no commands has no address for them.
    private async Task CommandAsync(MqttRecorder recorder)
    {
        try
        {
            await _fleet.Api.CommandAsync(_fleet.Board.DeviceId, new CommandRequest(CommandKind.Rebaseline, "compat"), cancel);
        }
        catch (FleetApiException e) when (e.Status is System.Net.HttpStatusCode.NotFound or System.Net.HttpStatusCode.MethodNotAllowed)
        {
            return;
        }

        await Eventually.IsAsync(() => recorder.Records.Any(r => WireReader.KindOf(r) == "up/cmd"), "the answer to a command", CompatFleet.Patience, cancel);
    }

    // The board does not run: its outbox is read as it stands on disk.
    private Left Outbox()
    {
        var copy = Directory.CreateDirectory(Path.Combine(folder, $"outbox-{Guid.NewGuid():n}")).FullName;
        foreach (var file in Directory.EnumerateFiles(_fleet.Board.StateFolder, "outbox.db*"))
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        using var connection = new SqliteConnection($"Data Source={Path.Combine(copy, "outbox.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT stream, count(*), max(seq), (SELECT value FROM meta WHERE key = 'epoch') FROM records GROUP BY stream";
        using var reader = command.ExecuteReader();
        var streams = new List<(string Epoch, string Stream, long Count, long Last)>();
        while (reader.Read())
            streams.Add((reader.GetString(3), reader.GetString(0), reader.GetInt64(1), reader.GetInt64(2)));
        return new Left(streams.Sum(s => s.Count), [.. streams.Select(s => (s.Epoch, s.Stream, s.Last))]);
    }

    // What the control plane had is there, and what waited on the board comes, under the numbers that it had.
    private async Task DrainedAsync(IReadOnlyList<StreamSummary> before, Left left)
    {
        var after = await Eventually.GetAsync(
            async () => (await _fleet.DeviceAsync()).Streams is var now && left.Streams.All(l => now.Any(s => s.Stream == l.Stream && s.Epoch == l.Epoch && s.Acknowledged >= l.Last)) ? now : null,
            $"the {left.Count} records that waited in the outbox to be acknowledged", CompatFleet.Patience, cancel);
        foreach (var stream in before)
            Hold(after.Any(s => s.Stream == stream.Stream && s.Epoch == stream.Epoch && s.Stored >= stream.Stored), $"records of stream {stream.Stream} are gone");
    }

    private static void Hold(bool holds, string otherwise)
    {
        if (!holds)
            throw new ShortException(otherwise);
    }

    // What waits in an outbox, and the last number of each stream.
    private sealed record Left(long Count, IReadOnlyList<(string Epoch, string Stream, long Last)> Streams);
}
