using System.Text.Json.Nodes;
using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Models;
using EdgeFleet.Testing;
using EdgeFleet.Testing.Packages;
using EdgeFleet.Testing.Processes;

namespace EdgeFleet.Journeys.Tests;

/// <summary>A control plane and boards as real processes, in a folder of their own.</summary>
internal sealed class JourneyFleet : IAsyncDisposable
{
    public const string Slot = "leaf";
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private readonly TempFolder _folder = new();
    private readonly List<AgentProcess> _boards = [];

    private JourneyFleet(JsonObject? settings)
    {
        var all = settings?.DeepClone().AsObject() ?? [];
        all["Rollouts"] = new JsonObject { ["TickSeconds"] = 1 };
        ControlPlane = new ControlPlaneProcess(_folder["controlplane"], all);
    }

    public ControlPlaneProcess ControlPlane { get; }

    public FleetClient Api { get; private set; } = null!;

    public IReadOnlyList<AgentProcess> Boards => _boards;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Starts a control plane and enrols and starts boards that see pictures of one colour each.</summary>
    public static async Task<JourneyFleet> StartAsync(int boards = 1, JsonObject? updates = null, JsonObject? settings = null, JsonObject? drift = null)
    {
        var fleet = new JourneyFleet(settings);
        await fleet.ControlPlane.StartAsync(Cancel);
        await fleet.ControlPlane.AddUserAsync("ana", "admin", Cancel);
        fleet.Api = await fleet.ControlPlane.ClientAsync("ana", Cancel);
        for (var i = 1; i <= boards; i++)
            await fleet.AddBoardAsync($"board-{i}", updates, drift: drift);
        return fleet;
    }

    /// <summary>Publishes a package through the API.</summary>
    public async Task<PackageSummary> PublishAsync(TestPackage package, bool allowUnproven = false)
    {
        var missing = await Api.MissingAsync([.. package.ByDigest.Keys.Select(d => d.Value)], Cancel);
        foreach (var (digest, bytes) in package.ByDigest.Where(f => missing.Contains(f.Key.Value)))
            await Api.PutFileAsync(digest, new MemoryStream(bytes), Cancel);
        return await Api.PublishAsync(new PublishRequest(package.Ref.Digest.Value, allowUnproven), Cancel);
    }

    /// <summary>Starts a rollout to all boards with short soak and deadlines.</summary>
    public async Task<long> RollOutAsync(TestPackage package, string selector = "all", IReadOnlyList<double>? waves = null, ShadowOrder? shadow = null) => (await Api.StartRolloutAsync(
        new RolloutRequest(package.Ref.Name, package.Ref.Version, Slot, selector, waves,
            Gate: new GateSettings { SoakMinutes = 0.02, StartedByMinutes = 2, HealthyByMinutes = 3 }, Shadow: shadow), Cancel)).Rollout.Id;

    /// <summary>Waits for a sample on which a version in shadow disagreed, and gives its photo.</summary>
    public Task<byte[]> DisagreementPhotoAsync(long rollout) => Eventually.GetAsync(
        async () => (await Api.RolloutAsync(rollout, Cancel)).Disagreements is [{ Photo: { } digest }, ..] ? await FindBlobAsync(digest) : null,
        $"a photo of rollout {rollout}", Patience, Cancel);

    // The photo comes after the event that names it.
    private async Task<byte[]?> FindBlobAsync(string digest)
    {
        try
        {
            return await Api.BlobAsync(digest, Cancel);
        }
        catch (FleetApiException e) when (e.Status == System.Net.HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    /// <summary>Waits until a rollout is over.</summary>
    public Task<RolloutDetail> OverAsync(long rollout) => Eventually.GetAsync(
        async () => await Api.RolloutAsync(rollout, Cancel) is { Rollout.State: "done" or "halted" or "rolled-back" or "aborted" or "superseded" } over ? over : null,
        $"rollout {rollout} to be over", Patience, Cancel);

    /// <summary>Publishes and rolls out a package that must be committed everywhere.</summary>
    public async Task RunsEverywhereAsync(TestPackage package)
    {
        await PublishAsync(package);
        var over = await OverAsync(await RollOutAsync(package));
        Assert.Equal("done", over.Rollout.State);
        Assert.Equal(_boards.Count, over.Rollout.Committed);
    }

    /// <summary>Waits until a board's slot is as asked.</summary>
    public Task<SlotSummary> SlotAsync(AgentProcess board, Func<SlotSummary, bool> holds, string what, TimeSpan? within = null) => Eventually.GetAsync(
        async () => (await DeviceAsync(board)).Device.Slots.SingleOrDefault(s => s.Slot == Slot) is { } slot && holds(slot) ? slot : null,
        $"{board.DeviceId}: {what}", within ?? Patience, Cancel);

    /// <summary>One board as the control plane knows it.</summary>
    public Task<DeviceDetail> DeviceAsync(AgentProcess board) => Api.DeviceAsync(board.DeviceId, Cancel);

    /// <summary>Adds a board. Unless it is told where, it looks for no sensor of power: machines that run tests differ in that.</summary>
    public async Task<AgentProcess> AddBoardAsync(
        string name, JsonObject? updates = null, JsonObject? power = null, IReadOnlyList<string>? program = null, JsonObject? drift = null,
        IReadOnlyDictionary<string, string>? environment = null, string? stateReached = null)
    {
        var photos = _folder[name, "photos"];
        Directory.CreateDirectory(photos);
        foreach (var (file, colour) in new[] { ("a-red.png", (230, 20, 20)), ("b-red.png", (200, 40, 30)), ("c-red.png", (220, 10, 40)) })
            File.WriteAllBytes(Path.Combine(photos, file), TestImages.Png((byte)colour.Item1, (byte)colour.Item2, (byte)colour.Item3, 32, 32));

        var board = new AgentProcess(_folder[name], new JsonObject
        {
            ["Slots"] = new JsonObject
            {
                [Slot] = new JsonObject { ["Source"] = new JsonObject { ["Kind"] = "images", ["Folder"] = photos, ["Loop"] = true, ["SamplesPerSecond"] = 20 } },
            },
            ["Monitoring"] = new JsonObject { ["WindowSeconds"] = 1, ["ProfileSeconds"] = 5 },
            ["Updates"] = updates?.DeepClone() ?? new JsonObject { ["ProbationSeconds"] = 3, ["BackoffSecondsFirst"] = 0.5 },
            ["Power"] = power ?? new JsonObject { ["Sensor"] = "none" },
            ["Connectivity"] = new JsonObject { ["BatchSeconds"] = 2, ["ReconnectCapSeconds"] = 2, ["ReportSeconds"] = 5 },
            ["Drift"] = drift?.DeepClone() ?? new JsonObject(),
        })
        { Program = program ?? BuiltPrograms.Agent, Environment = environment, StateReached = stateReached };
        _boards.Add(board);
        var ticket = await Api.CreateTokenAsync(new EnrolmentTokenRequest("alanib", ["lab"]), Cancel);
        await board.EnrolAsync(ticket.Ticket, name, Cancel);
        board.Start();
        await Eventually.GetAsync(async () => (await DeviceAsync(board)).Device is { State: "ready" } ready ? ready : null, $"{name} to be ready", Patience, Cancel);
        return board;
    }

    /// <summary>State folder of the board of a name.</summary>
    public string StateFolderOf(string name) => _folder[name, "state"];

    /// <summary>A board that is not enrolled, with an empty disk.</summary>
    public AgentProcess EmptyBoard(string name)
    {
        Directory.CreateDirectory(_folder[name, "photos"]);
        var board = new AgentProcess(_folder[name], new JsonObject
        {
            ["Slots"] = new JsonObject { [Slot] = new JsonObject { ["Source"] = new JsonObject { ["Kind"] = "images", ["Folder"] = _folder[name, "photos"] } } },
        });
        _boards.Add(board);
        return board;
    }

    /// <summary>A board whose disk is a copy of another's, which must not run meanwhile.</summary>
    public AgentProcess CopyBoard(AgentProcess original, string name)
    {
        var copy = new AgentProcess(_folder[name], JsonNode.Parse(File.ReadAllText(original.ConfigFile))!.AsObject());
        foreach (var file in Directory.EnumerateFiles(original.StateFolder, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(copy.StateFolder, Path.GetRelativePath(original.StateFolder, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        _boards.Add(copy);
        return copy;
    }

    /// <summary>Runs the command line as an account.</summary>
    public async Task<string> CliAsync(FleetClient who, params string[] words)
    {
        var (code, output, all) = await LocalProcess.RunAsync(
            [.. BuiltPrograms.Cli, .. words, "--url", ControlPlane.Url.ToString(), "--token", who.Token!, "--ca", ControlPlane.CaFile], TimeSpan.FromSeconds(60), Cancel);
        Assert.True(code == 0, $"edgefleet {string.Join(' ', words)} ended with {code}: {all}");
        return output;
    }

    /// <summary>Nothing was lost: no record, no sample.</summary>
    public async Task NothingIsLostAsync(AgentProcess board)
    {
        var device = await DeviceAsync(board);
        Assert.All(device.Streams, s => Assert.Equal(0, s.Lost));
        Assert.All(device.Device.Slots, s => Assert.Equal(0, s.Samples.Unanswered));
    }

    public async ValueTask DisposeAsync()
    {
        Api?.Dispose();
        foreach (var board in _boards)
            await board.DisposeAsync();
        await ControlPlane.DisposeAsync();
        _folder.Dispose();
    }
}
