using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeFleet.Shared.Api;

namespace EdgeFleet.Testing.Processes;

/// <summary>A control plane as a process of its own, on free ports of the loopback address, with a data folder that outlives it.</summary>
public sealed class ControlPlaneProcess(string folder, JsonObject? settings = null) : IAsyncDisposable
{
    /// <summary>Password of the accounts that tests make.</summary>
    public const string Password = "correct horse battery staple";

    private LocalProcess? _process;
    private X509Certificate2? _ca;

    /// <summary>The data folder.</summary>
    public string Folder => folder;

    /// <summary>Address of pages and API.</summary>
    public Uri Url { get; private set; } = new("https://localhost/");

    /// <summary>How it is started; the one of this checkout unless said otherwise.</summary>
    public IReadOnlyList<string> Program { get; set; } = BuiltPrograms.ControlPlane;

    /// <summary>Variables over those of this process.</summary>
    public IReadOnlyDictionary<string, string>? Environment { get; init; }

    /// <summary>Port of the broker.</summary>
    public int MqttPort { get; private set; }

    /// <summary>Process id while it runs.</summary>
    public int ProcessId => _process!.Id;

    /// <summary>File of the CA, for <c>--ca</c>.</summary>
    public string CaFile => Path.Combine(folder, "ca", "ca.pem");

    /// <summary>File with all that it printed.</summary>
    public string LogFile => Path.Combine(folder, "process.log");

    private string ConfigFile => Path.Combine(folder, "controlplane.json");

    /// <summary>Starts it and waits until it serves. A second start uses the same ports, as a restarted service would.</summary>
    public async Task StartAsync(CancellationToken cancel)
    {
        Directory.CreateDirectory(folder);
        var endpoints = Path.Combine(folder, "endpoints.json");
        WriteConfig(File.Exists(endpoints) ? Ports(endpoints) : _ports);
        File.Delete(endpoints);
        _process = LocalProcess.Start([.. Program, "run", "--config", ConfigFile], LogFile, Environment);
        await Eventually.IsAsync(() => File.Exists(endpoints) || _process.HasExited, "the control plane to listen", TimeSpan.FromSeconds(60), cancel);
        if (_process.HasExited)
            throw new InvalidOperationException($"The control plane ended with {_process.ExitCode}. See {LogFile}:\n{Tail(LogFile)}");

        _ports = Ports(endpoints);
        Url = new Uri($"https://localhost:{_ports["https"]}/");
        MqttPort = (int)_ports["mqtt"]!;
        _ca = X509Certificate2.CreateFromPem(await File.ReadAllTextAsync(CaFile, cancel));
    }

    private JsonObject _ports = [];

    /// <summary>A client for the API, signed in as an account if one is named.</summary>
    public async Task<FleetClient> ClientAsync(string? user, CancellationToken cancel)
    {
        var client = new FleetClient(Url, null, _ca);
        if (user is not null)
            await client.LoginAsync(new LoginRequest(user, Password), cancel);
        return client;
    }

    /// <summary>Makes an account, as the operator of the machine would.</summary>
    public async Task AddUserAsync(string name, string role, CancellationToken cancel)
    {
        WriteConfig(_ports);
        var (code, _, all) = await LocalProcess.RunAsync(
            [.. Program, "user", "add", name, "--role", role, "--password-stdin", "--config", ConfigFile], TimeSpan.FromSeconds(60), cancel, input: Password + "\n");
        if (code != 0)
            throw new InvalidOperationException($"user add ended with {code}: {all}");
    }

    /// <summary>Runs another command of the program on the same configuration; its exit code and all that it said.</summary>
    public async Task<(int Code, string Said)> CommandAsync(CancellationToken cancel, params string[] words)
    {
        WriteConfig(_ports);
        var (code, _, all) = await LocalProcess.RunAsync([.. BuiltPrograms.ControlPlane, .. words, "--config", ConfigFile], TimeSpan.FromSeconds(120), cancel, Environment);
        return (code, all);
    }

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

    /// <summary>Waits until it ends by itself.</summary>
    public Task<int> WaitAsync(CancellationToken cancel) => _process!.WaitAsync(cancel);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        _ca?.Dispose();
    }

    private void WriteConfig(JsonObject ports)
    {
        Directory.CreateDirectory(folder);
        var config = settings?.DeepClone().AsObject() ?? [];
        var own = config["ControlPlane"]?.AsObject() ?? (JsonObject)(config["ControlPlane"] = new JsonObject());
        own["DataFolder"] = folder;
        own["HttpsPort"] = (int?)ports["https"] ?? 0;
        own["DeviceHttpsPort"] = (int?)ports["deviceHttps"] ?? 0;
        own[nameof(MqttPort)] = (int?)ports["mqtt"] ?? 0;
        File.WriteAllText(ConfigFile, config.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
    }

    private static JsonObject Ports(string endpoints) => JsonNode.Parse(File.ReadAllText(endpoints))!.AsObject();

    private static string Tail(string log) => string.Join('\n', File.ReadLines(log).TakeLast(30));
}
