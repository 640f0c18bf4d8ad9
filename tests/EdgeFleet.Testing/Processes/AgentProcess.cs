using System.Text.Json;
using System.Text.Json.Nodes;

namespace EdgeFleet.Testing.Processes;

/// <summary>An agent as a process of its own, with a state folder that outlives it.</summary>
public sealed class AgentProcess : IAsyncDisposable
{
    private readonly string _folder;
    private LocalProcess? _process;

    /// <summary>A board.</summary>
    /// <param name="folder">Folder for configuration, state and log.</param>
    /// <param name="config">Configuration; <c>Agent:StateFolder</c> is set here.</param>
    public AgentProcess(string folder, JsonObject config)
    {
        _folder = folder;
        Directory.CreateDirectory(StateFolder);
        var agent = config["Agent"]?.AsObject() ?? (JsonObject)(config["Agent"] = new JsonObject());
        agent[nameof(StateFolder)] = StateFolder;
        File.WriteAllText(ConfigFile, config.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
    }

    /// <summary>How the agent is started; the one of this checkout unless said otherwise.</summary>
    public IReadOnlyList<string> Program { get; set; } = BuiltPrograms.Agent;

    /// <summary>Variables over those of this process, for the agent and its commands.</summary>
    public IReadOnlyDictionary<string, string>? Environment { get; set; }

    /// <summary>Path by which this process reaches the state folder, where the agent sees another file system there.</summary>
    public string? StateReached { get; init; }

    /// <summary>Id that the control plane assigned.</summary>
    public string DeviceId { get; private set; } = "";

    /// <summary>Everything the agent keeps.</summary>
    public string StateFolder => Path.Combine(_folder, "state");

    /// <summary>Its configuration.</summary>
    public string ConfigFile => Path.Combine(_folder, "agent.json");

    /// <summary>All that it printed.</summary>
    public string LogFile => Path.Combine(_folder, "process.log");

    /// <summary>True while it runs.</summary>
    public bool IsRunning => _process is { HasExited: false };

    /// <summary>Process id while it runs.</summary>
    public int ProcessId => _process!.Id;

    /// <summary>Enrols with a ticket, by the command that a person would run.</summary>
    public async Task EnrolAsync(string ticket, string name, CancellationToken cancel, bool force = false)
    {
        string[] forced = force ? ["--force"] : [];
        var (code, _, all) = await LocalProcess.RunAsync(
            [.. Program, "enrol", ticket, "--config", ConfigFile, "--name", name, .. forced], TimeSpan.FromSeconds(60), cancel, Environment);
        if (code != 0)
            throw new InvalidOperationException($"enrol ended with {code}: {all}");

        using var identity = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(StateReached ?? StateFolder, "identity", "device.json"), cancel));
        DeviceId = identity.RootElement.GetProperty("device").GetString()!;
    }

    /// <summary>Runs a command of the agent beside it, as a person at the board would.</summary>
    /// <returns>Exit code, standard output, and both outputs together.</returns>
    public Task<(int Code, string Output, string All)> CommandAsync(CancellationToken cancel, params string[] command) =>
        LocalProcess.RunAsync([.. Program, .. command, "--config", ConfigFile], TimeSpan.FromSeconds(60), cancel, Environment);

    /// <summary>Starts it.</summary>
    public void Start(IReadOnlyDictionary<string, string>? environment = null) =>
        _process = LocalProcess.Start([.. Program, "run", "--config", ConfigFile], LogFile, environment ?? Environment);

    /// <summary>Waits until it ends by itself; its exit code.</summary>
    public Task<int> WaitAsync(CancellationToken cancel) => _process!.WaitAsync(cancel);

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        await _process!.DisposeAsync();
        _process = null;
    }

    /// <summary>SIGTERM, and waits.</summary>
    public async Task StopAsync()
    {
        await _process!.StopAsync();
        await _process.DisposeAsync();
        _process = null;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
    }
}
