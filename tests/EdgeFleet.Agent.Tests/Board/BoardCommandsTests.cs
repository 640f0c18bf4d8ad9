using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeFleet.Testing;
using EdgeFleet.Testing.Packages;
using EdgeFleet.Testing.Processes;

namespace EdgeFleet.Agent.Tests.Board;

/// <summary>The commands of a person at the board, against an agent that runs as a process.</summary>
public sealed class BoardCommandsTests : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly TempFolder _folder = new();
    private readonly AgentProcess _agent;

    public BoardCommandsTests()
    {
        Directory.CreateDirectory(_folder["photos"]);
        File.WriteAllBytes(_folder["photos", "a.png"], TestImages.Png(230, 20, 20, 32, 32));
        _agent = new AgentProcess(_folder["board"], new JsonObject
        {
            ["Slots"] = new JsonObject { ["leaf"] = new JsonObject { ["Source"] = new JsonObject { ["Kind"] = "images", ["Folder"] = _folder["photos"] } } },
        });
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _agent.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Status_tells_of_an_agent_that_runs_and_of_one_that_does_not()
    {
        await StartAsync();
        var (code, text, _) = await _agent.CommandAsync(Cancel, "status");
        Assert.Equal(1, code); // It has warnings.
        Assert.Contains($"process {_agent.ProcessId}", text, StringComparison.Ordinal);
        Assert.Contains("not enrolled", text, StringComparison.Ordinal);
        Assert.Contains("edgefleet-agent enrol TICKET", text, StringComparison.Ordinal);
        Assert.Contains("slot      leaf has no model; Idle", text, StringComparison.Ordinal);

        var (_, json, _) = await _agent.CommandAsync(Cancel, "status", "--json");
        using (var status = JsonDocument.Parse(json))
        {
            Assert.Equal(_agent.ProcessId, status.RootElement.GetProperty("pid").GetInt32());
            Assert.False(status.RootElement.GetProperty("link").GetProperty("connected").GetBoolean());
            Assert.Contains("no-model", status.RootElement.GetProperty("warnings").EnumerateArray().Select(w => w.GetProperty("code").GetString()));
        }

        await _agent.StopAsync();
        (code, text, _) = await _agent.CommandAsync(Cancel, "status");
        Assert.Equal(3, code);
        Assert.Contains("The agent does not run", text, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(_agent.StateFolder, "agent.sock")));
    }

    [Fact]
    public async Task An_agent_that_was_killed_is_not_taken_for_one_that_runs()
    {
        await StartAsync();
        await _agent.KillAsync();
        Assert.True(File.Exists(Path.Combine(_agent.StateFolder, "agent.sock")));

        Assert.Equal(3, (await _agent.CommandAsync(Cancel, "status")).Code);
        await StartAsync();
        Assert.Equal(1, (await _agent.CommandAsync(Cancel, "status")).Code);
    }

    [Fact]
    public async Task The_socket_is_for_owner_and_group_and_no_port_is_open()
    {
        await StartAsync();

        Assert.Equal((UnixFileMode)0b110_110_000, File.GetUnixFileMode(Path.Combine(_agent.StateFolder, "agent.sock")));
        Assert.Empty(ListeningPortsOf(_agent.ProcessId));
    }

    [Fact]
    public async Task Check_finds_what_is_wrong_and_says_what_to_do()
    {
        var (code, text, _) = await _agent.CommandAsync(Cancel, "check");
        Assert.Equal(0, code);
        Assert.Contains("ok    configuration: ", text, StringComparison.Ordinal);
        Assert.Contains("a.png", text, StringComparison.Ordinal);
        Assert.Contains("warn  agent: it does not run", text, StringComparison.Ordinal);
        Assert.Contains("warn  identity: this board belongs to no fleet yet", text, StringComparison.Ordinal);

        File.WriteAllText(_agent.ConfigFile, File.ReadAllText(_agent.ConfigFile).Replace("\"images\"", "\"telepathy\"", StringComparison.Ordinal));
        (code, text, _) = await _agent.CommandAsync(Cancel, "check", "--json");
        Assert.Equal(78, code);
        var bad = JsonNode.Parse(text)!.AsArray().First(f => (string?)f!["kind"] == "Fault")!;
        Assert.Equal("configuration", (string?)bad["about"]);
        Assert.Contains("telepathy", (string?)bad["text"], StringComparison.Ordinal);
        Assert.NotEqual("", (string?)bad["remedy"]);
    }

    [Fact]
    public async Task Check_fails_when_the_state_folder_cannot_be_written()
    {
        // A file in the way: rights would not stop root.
        Directory.Delete(_agent.StateFolder);
        File.WriteAllText(_agent.StateFolder, "");

        var (code, text, _) = await _agent.CommandAsync(Cancel, "check");

        Assert.Equal(78, code);
        Assert.Contains("BAD   state folder: ", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Snapshot_of_a_slot_without_a_model_says_so()
    {
        Assert.Equal(3, (await _agent.CommandAsync(Cancel, "snapshot", "leaf")).Code);
        await StartAsync();

        var (code, _, all) = await _agent.CommandAsync(Cancel, "snapshot", "leaf");
        Assert.Equal(1, code);
        Assert.Contains("has no model", all, StringComparison.Ordinal);
        (code, _, all) = await _agent.CommandAsync(Cancel, "snapshot", "stem");
        Assert.Equal(1, code);
        Assert.Contains("it has leaf", all, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Logs_show_the_last_lines_and_follow_the_next()
    {
        await StartAsync();
        var (code, text, _) = await _agent.CommandAsync(Cancel, "logs", "-n", "200");
        Assert.Equal(0, code);
        Assert.Contains("warn  LinkWorker: This board belongs to no fleet yet", text, StringComparison.Ordinal);

        await using var follow = LocalProcess.Start([.. BuiltPrograms.Agent, "logs", "-f", "-n", "0", "--config", _agent.ConfigFile], _folder["follow.log"]);
        await _agent.StopAsync();
        await StartAsync();
        await Eventually.IsAsync(() => follow.Output.Contains("belongs to no fleet yet", StringComparison.Ordinal), "the next line", Patience, Cancel);

        Assert.Equal(2, (await _agent.CommandAsync(Cancel, "logs", "-n", "some")).Code);
    }

    private async Task StartAsync()
    {
        _agent.Start();
        await Eventually.GetAsync(
            async () => await _agent.CommandAsync(Cancel, "status") is { Code: 1 } told && told.Output.Contains("no-model", StringComparison.Ordinal) ? "" : null,
            "the agent to answer", Patience, Cancel);
    }

    private static List<string> ListeningPortsOf(int pid)
    {
        const string Listening = "0A";
        var inodes = Directory.EnumerateFiles($"/proc/{pid}/fd").Select(f => new FileInfo(f).LinkTarget ?? "").Where(t => t.StartsWith("socket:[", StringComparison.Ordinal))
            .Select(t => t[8..^1]).ToHashSet();
        return [.. ((string[])["/proc/net/tcp", "/proc/net/tcp6", "/proc/net/udp", "/proc/net/udp6"]).SelectMany(f => File.ReadLines(f).Skip(1))
            .Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(c => c[3] == Listening && inodes.Contains(c[9])).Select(c => c[1])];
    }
}
