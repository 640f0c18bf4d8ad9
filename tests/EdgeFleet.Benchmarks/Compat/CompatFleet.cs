using System.Text.Json.Nodes;
using EdgeFleet.Benchmarks.Install;
using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Testing.Packages;
using EdgeFleet.Testing.Processes;

namespace EdgeFleet.Benchmarks.Compat;

/// <summary>A control plane and one board as processes, each of a version of its own, over folders that go from one version to the next.</summary>
internal sealed class CompatFleet(string folder, CancellationToken cancel) : IAsyncDisposable
{
    private const string Admin = "ana";
    private const int RowsMore = 3;
    public const string Slot = "leaf";
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private FleetClient? _api;

    public ControlPlaneProcess ControlPlane { get; } = new(Path.Combine(folder, "controlplane"), new JsonObject { ["Rollouts"] = new JsonObject { ["TickSeconds"] = 1 } });

    public AgentProcess Board { get; private set; } = null!;

    public FleetClient Api => _api ?? throw new InvalidOperationException("The control plane was not started.");

    /// <summary>Starts the control plane of a version on its folder, and signs in by the account that the first one made.</summary>
    public async Task StartControlPlaneAsync(Programs version)
    {
        var isFirst = _api is null;
        ControlPlane.Program = version.ControlPlane;
        await ControlPlane.StartAsync(cancel);
        if (isFirst)
            await ControlPlane.AddUserAsync(Admin, "admin", cancel);
        _api?.Dispose();
        _api = await ControlPlane.ClientAsync(Admin, cancel);
    }

    /// <summary>Enrols the board with the agent of a version; it does not run yet.</summary>
    /// <returns>The ticket.</returns>
    public async Task<string> EnrolAsync(Programs version)
    {
        var photos = Path.Combine(folder, "photos");
        Directory.CreateDirectory(photos);
        foreach (var shade in (byte[])[230, 200, 220])
            File.WriteAllBytes(Path.Combine(photos, $"{shade}.png"), TestImages.Png(shade, 20, 20, 32, 32));
        // Settings that the first agents knew: unknown ones are a fault.
        Board = new AgentProcess(Path.Combine(folder, "board"), new JsonObject
        {
            ["Slots"] = new JsonObject
            {
                [Slot] = new JsonObject { ["Source"] = new JsonObject { ["Kind"] = "images", ["Folder"] = photos, ["Loop"] = true, ["SamplesPerSecond"] = 20 } },
            },
            ["Monitoring"] = new JsonObject { ["WindowSeconds"] = 1, ["ProfileSeconds"] = 5 },
            ["Updates"] = new JsonObject { ["ProbationSeconds"] = 3, ["BackoffSecondsFirst"] = 0.5 },
            ["Connectivity"] = new JsonObject { ["BatchSeconds"] = 2, ["ReconnectCapSeconds"] = 2 },
        })
        { Program = version.Agent };
        var ticket = (await Api.CreateTokenAsync(new EnrolmentTokenRequest("alanib"), cancel)).Ticket;
        await Board.EnrolAsync(ticket, "board", cancel);
        return ticket;
    }

    /// <summary>Starts the agent of a version on the board's folder.</summary>
    public void StartBoard(Programs version)
    {
        Board.Program = version.Agent;
        Board.Start();
    }

    /// <summary>Publishes a package without a signature.</summary>
    public async Task PublishAsync(TestPackage package)
    {
        var missing = await Api.MissingAsync([.. package.ByDigest.Keys.Select(d => d.Value)], cancel);
        foreach (var (digest, bytes) in package.ByDigest.Where(f => missing.Contains(f.Key.Value)))
            await Api.PutFileAsync(digest, new MemoryStream(bytes), cancel);
        await Api.PublishAsync(new PublishRequest(package.Ref.Digest.Value), cancel);
    }

    /// <summary>Rolls a published package out; it must be committed.</summary>
    public async Task RollOutAsync(TestPackage package)
    {
        var rollout = (await Api.StartRolloutAsync(
            new RolloutRequest(package.Ref.Name, package.Ref.Version, Slot, "all", Gate: new GateSettings { SoakMinutes = 0.02, StartedByMinutes = 2, HealthyByMinutes = 3 }), cancel)).Rollout.Id;
        var over = await Eventually.GetAsync(
            async () => await Api.RolloutAsync(rollout, cancel) is { Rollout.State: not ("running" or "planned" or "paused" or "held") } ended ? ended : null, $"the rollout of {package.Ref.Label} to end", Patience, cancel);
        if (over.Rollout is not { State: "done", Committed: 1 })
            throw new ShortException($"the rollout of {package.Ref.Label} is {over.Rollout.State}: {(over.Devices is [{ Reason: { } reason }, ..] ? reason : "no reason")}");
    }

    /// <summary>Waits until the board is connected and serves a package, some more minute rows of it are acknowledged, and none was lost.</summary>
    /// <returns>The streams then.</returns>
    public async Task<IReadOnlyList<StreamSummary>> AliveAsync(TestPackage serves)
    {
        var before = Through((await DeviceAsync()).Streams);
        var device = await Eventually.GetAsync(
            async () => await DeviceAsync() is { Device: { State: "ready" } summary } now && summary.Slots.Any(s => s.Active == serves.Ref.Label) && Through(now.Streams) >= before + RowsMore ? now : null,
            $"the board to serve {serves.Ref.Label} and {RowsMore} more minute rows to be acknowledged", Patience, cancel);
        if (device.Streams.FirstOrDefault(s => s.Lost != 0) is { } lost)
            throw new ShortException($"of stream {lost.Stream} {lost.Lost} records are lost");
        if (device.Device.Slots.FirstOrDefault(s => s.Samples.Unanswered != 0) is { } slot)
            throw new ShortException($"{slot.Samples.Unanswered} samples are unanswered");
        return device.Streams;
    }

    /// <summary>The board as the control plane knows it.</summary>
    public Task<DeviceDetail> DeviceAsync() => Api.DeviceAsync(Board.DeviceId, cancel);

    public async ValueTask DisposeAsync()
    {
        if (Board is not null)
            await Board.DisposeAsync();
        await ControlPlane.DisposeAsync();
        _api?.Dispose();
    }

    private static long Through(IReadOnlyList<StreamSummary> streams) => streams.Where(s => s.Stream == RecordStream.Minute).Sum(s => s.Acknowledged);
}
