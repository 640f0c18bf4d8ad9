using System.Text.Json.Nodes;
using EdgeFleet.Agent.Hosting;
using EdgeFleet.Testing;
using EdgeFleet.Testing.Packages;
using EdgeFleet.Testing.Processes;

namespace EdgeFleet.Agent.Tests.Hosting;

/// <summary>Configuration in several files, and what a broken one does to an agent that has worked before.</summary>
public sealed class LastGoodConfigTests : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly TempFolder _folder = new();
    private readonly AgentProcess _agent;

    public LastGoodConfigTests()
    {
        Directory.CreateDirectory(_folder["photos"]);
        File.WriteAllBytes(_folder["photos", "a.png"], TestImages.Png(230, 20, 20, 32, 32));
        _agent = new AgentProcess(_folder["board"], new JsonObject
        {
            ["Slots"] = new JsonObject { ["leaf"] = new JsonObject { ["Source"] = new JsonObject { ["Kind"] = "images", ["Folder"] = _folder["photos"] } } },
        });
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Parts => Path.Combine(Path.GetDirectoryName(_agent.ConfigFile)!, "config.d");

    public async ValueTask DisposeAsync()
    {
        await _agent.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public void Files_of_config_d_go_over_the_main_file_in_the_order_of_their_names()
    {
        Part("20-rate.json", """{ "Slots": { "leaf": { "QueueLength": 5, "Threads": 3 } } } // said twice""");
        Part("10-rate.json", """{ "Slots": { "leaf": { "QueueLength": 4, "Source": { "SamplesPerSecond": 2 } } } }""");
        Part("30-rate.json.disabled", "this is not read");

        var slot = ConfigFile.Load(_agent.ConfigFile).GetSection("Slots:leaf");

        Assert.Equal(("5", "3", "2", "images"), (slot["QueueLength"], slot["Threads"], slot["Source:SamplesPerSecond"], slot["Source:Kind"]));
    }

    [Fact]
    public void Every_broken_file_is_named()
    {
        Part("10-a.json", "{ \"Agent\": {");
        Part("20-b.json", "nonsense");

        var faults = Assert.Throws<ConfigException>(() => ConfigFile.Load(_agent.ConfigFile)).Faults;

        Assert.Equal(["10-a.json", "20-b.json"], faults.Select(f => Path.GetFileName(f.Key.Split(',')[0])));
    }

    [Theory]
    [InlineData("""{ "Slots": { "leaf": { """, "is not JSON")]
    [InlineData("""{ "Slots": { "leaf": { "QueueLength": 0 } } }""", "QueueLength")]
    public async Task A_broken_part_leaves_the_last_good_configuration_in_force_and_says_so(string part, string complaint)
    {
        await RunsAsync("no-model");
        await _agent.StopAsync();
        Part("50-camera.json", part);

        var status = await RunsAsync(LastGoodConfig.Warning);
        Assert.Contains(complaint, status, StringComparison.Ordinal);
        Assert.Contains("slot      leaf", status, StringComparison.Ordinal);
        Assert.Equal(78, (await _agent.CommandAsync(Cancel, "check")).Code);

        await _agent.StopAsync();
        File.Delete(Path.Combine(Parts, "50-camera.json"));
        Assert.DoesNotContain(LastGoodConfig.Warning, await RunsAsync("no-model"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broken_main_file_is_no_end_either_where_the_state_folder_is_known()
    {
        await RunsAsync("no-model");
        await _agent.StopAsync();
        File.WriteAllText(_agent.ConfigFile, "{ \"Agent\": ");

        _agent.Start(new Dictionary<string, string> { ["STATE_DIRECTORY"] = _agent.StateFolder });
        await Eventually.IsAsync(() => File.ReadAllText(_agent.LogFile).Contains("the configuration of the last good start is in force", StringComparison.Ordinal), "the start", Patience, Cancel);
        Assert.True(_agent.IsRunning);
    }

    [Fact]
    public async Task A_board_that_never_worked_does_not_start_with_a_broken_file()
    {
        Part("50-camera.json", "{");

        var (code, _, all) = await _agent.CommandAsync(Cancel, "run");

        Assert.Equal(78, code);
        Assert.Contains("50-camera.json, line 1: is not JSON", all, StringComparison.Ordinal);
    }

    private void Part(string name, string text)
    {
        Directory.CreateDirectory(Parts);
        File.WriteAllText(Path.Combine(Parts, name), text);
    }

    private Task<string> RunsAsync(string warning)
    {
        _agent.Start();
        return Eventually.GetAsync(
            async () => await _agent.CommandAsync(Cancel, "status") is { Code: 1 } told && told.Output.Contains(warning, StringComparison.Ordinal) ? told.Output : null,
            $"the agent to run with the warning {warning}", Patience, Cancel);
    }
}
