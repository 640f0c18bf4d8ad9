using System.Text.Json.Nodes;
using EdgeFleet.Shared.Api;
using EdgeFleet.Testing.Packages;
using EdgeFleet.Testing.Processes;

namespace EdgeFleet.Benchmarks.Install;

/// <summary>A real control plane on the loopback of this network, and two people with the command line, all by one clock.</summary>
internal sealed class Fleet : IAsyncDisposable
{
    public const string Admin = "ana";
    public const string Operator = "ben";
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan RolloutLimit = TimeSpan.FromMinutes(6);
    private readonly string _folder;
    private readonly CancellationToken _cancel;
    private readonly HashSet<string> _signedIn = [];

    public Fleet(string folder, CancellationToken cancel)
    {
        (_folder, _cancel) = (folder, cancel);
        Directory.CreateDirectory(folder);
        Clock = new MovedClock(Path.Combine(folder, "clock"));
        // A rollout is looked at every second; nothing else differs from the defaults: certificates live a year.
        ControlPlane = new ControlPlaneProcess(Path.Combine(folder, "controlplane"), new JsonObject { ["Rollouts"] = new JsonObject { ["TickSeconds"] = 1 } }) { Environment = Clock.Environment };
    }

    public ControlPlaneProcess ControlPlane { get; }

    public MovedClock Clock { get; }

    /// <summary>Starts the control plane and makes both accounts.</summary>
    public async Task StartAsync()
    {
        await ControlPlane.StartAsync(_cancel);
        await ControlPlane.AddUserAsync(Admin, "admin", _cancel);
        await ControlPlane.AddUserAsync(Operator, "operator", _cancel);
    }

    /// <summary>Moves everybody's clock. The control plane is started again, because it looks once in an hour that passes whether its own certificate is due.</summary>
    public async Task MoveAsync(TimeSpan on)
    {
        await ControlPlane.StopAsync();
        Clock.Set(Clock.Ahead + on);
        _signedIn.Clear();
        await ControlPlane.StartAsync(_cancel);
    }

    /// <summary>Runs a command as a person, signed in at the fleet's time; its standard output.</summary>
    public async Task<string> AsAsync(string user, params string[] words)
    {
        if (_signedIn.Add(user))
        {
            var (signedIn, _, said) = await CliAsync(user, ControlPlaneProcess.Password + "\n", "login", ControlPlane.Url.AbsoluteUri, "--user", user, "--password-stdin", "--ca", ControlPlane.CaFile);
            if (signedIn != 0)
                throw new ShortException($"{user} could not sign in: {said}");
        }

        var (code, output, all) = await CliAsync(user, null, words);
        return code == 0 ? output.TrimEnd() : throw new ShortException($"edgefleet {string.Join(' ', words)} ended with {code}: {all}");
    }

    /// <summary>A command that must be refused; what it said.</summary>
    public async Task<string> RefusedAsync(string user, params string[] words)
    {
        var (code, _, all) = await CliAsync(user, null, words);
        return code != 0 ? all.Trim() : throw new ShortException($"edgefleet {string.Join(' ', words)} was done where it must be refused.");
    }

    /// <summary>A device as the control plane knows it.</summary>
    public async Task<JsonNode> DeviceAsync(string device) => JsonNode.Parse(await AsAsync(Admin, "device", "show", device, "-o", "json"))!;

    /// <summary>Publishes a package; the machine's own clock must still be the fleet's.</summary>
    public async Task PublishAsync(TestPackage package)
    {
        using var api = await ControlPlane.ClientAsync(Admin, _cancel);
        foreach (var (digest, bytes) in package.ByDigest)
            await api.PutFileAsync(digest, new MemoryStream(bytes), _cancel);
        await api.PublishAsync(new PublishRequest(package.Ref.Digest.Value, AllowUnproven: false), _cancel);
    }

    /// <summary>Starts a rollout to every board; its number.</summary>
    public Task<string> RollOutAsync(TestPackage package, string selector) => AsAsync(Admin, "rollout", "start", package.Ref.Label, "--slot", Names.Slot, "--selector", selector,
        "--soak-minutes", "0.02", "--started-by-minutes", "10", "--healthy-by-minutes", "15", "-o", "name");

    /// <summary>Waits until a rollout is done.</summary>
    public async Task DoneAsync(string rollout)
    {
        var state = await Eventually.GetAsync(
            async () => JsonNode.Parse(await AsAsync(Admin, "rollout", "status", rollout, "-o", "json"))!["rollout"]!["state"]!.GetValue<string>() is var now && IsOver(now) ? now : null,
            $"rollout {rollout} to be over", RolloutLimit, _cancel);
        if (state != "done")
            throw new ShortException($"Rollout {rollout} is {state}: {await AsAsync(Admin, "rollout", "status", rollout)}");
    }

    private static bool IsOver(string state) => state is "done" or "halted" or "rolled-back" or "aborted";

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await ControlPlane.DisposeAsync();

    private Task<(int Code, string Output, string All)> CliAsync(string user, string? input, params string[] words) => LocalProcess.RunAsync(
        [.. BuiltPrograms.Cli, .. words], Limit, _cancel, new Dictionary<string, string>(Clock.Environment) { ["XDG_CONFIG_HOME"] = Path.Combine(_folder, user), ["NO_COLOR"] = "1" }, input);
}
