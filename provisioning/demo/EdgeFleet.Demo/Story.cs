using EdgeFleet.Shared.Api;
using EdgeFleet.Testing.Processes;

namespace EdgeFleet.Demo;

/// <summary>The main job, told step by step. Each step checks what it tells: the story fails where the fleet does.</summary>
internal sealed class Story(DemoFleet fleet, DemoMaterial material)
{
    private const string LeafSlot = "leaf";
    private const string PumpSlot = "pump";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private LeafMaterial _leaf = null!;
    private PackageMaker _packages = null!;

    /// <summary>Tells it; returns the last line, with the counts.</summary>
    public async Task<string> TellAsync(CancellationToken cancel)
    {
        Narrator.Chapter("A control plane starts, with a broker and a CA of its own");
        await fleet.StartControlPlaneAsync(cancel);

        Narrator.Chapter("Models become packages: float v1 and int8 v2, with golden set, reference and report");
        _leaf = await material.Leaves(cancel);
        _packages = new PackageMaker(fleet, _leaf);
        await _packages.ScoreAsync(material.IsReal, cancel);
        await _packages.LeafAsync("1.0.0", _leaf.Float);
        await _packages.LeafAsync("2.0.0", _leaf.Int8);
        await _packages.PumpAsync(await material.VibrationAsync(cancel));

        Narrator.Chapter("Three boards enrol, each with a ticket of its own: two look at leaves, one listens to a pump");
        await AddBoardsAsync(cancel);

        Narrator.Chapter("v1 goes out, and runs");
        await RollOutAsync(_leaf.Model, "1.0.0", LeafSlot, "tag=leaf");
        await RollOutAsync("sample-bearing", "1.0.0", PumpSlot, "tag=pump");
        await ExpectActiveAsync(LeafSlot, "1.0.0", cancel);

        Narrator.Chapter("int8 v2 goes out in waves, and is committed everywhere");
        await RollOutAsync(_leaf.Model, "2.0.0", LeafSlot, "tag=leaf");
        await RollOutAsync("sample-bearing", "2.0.0", PumpSlot, "tag=pump");
        await ExpectActiveAsync(LeafSlot, "2.0.0", cancel);

        Narrator.Chapter("A collapsed v3: it loads, is fast, is sure of itself, and always gives the same answer");
        await CollapsedAsync(cancel);

        Narrator.Chapter("A v4 that answers well and is far slower, under a generous budget");
        await SlowAsync(cancel);

        Narrator.Chapter("Alerts came in");
        await AlertsAsync(cancel);

        Narrator.Chapter("Everything is accounted for");
        return await Accounts.SettleAsync(fleet, cancel);
    }

    private async Task AddBoardsAsync(CancellationToken cancel)
    {
        foreach (var (name, site) in new[] { ("leaf-1", "alanib"), ("leaf-2", "bukidnon") })
        {
            await fleet.AddBoardAsync(name, site, ["leaf", "lab"], LeafSlot, new()
            {
                ["Kind"] = "images", ["Folder"] = _leaf.BoardPhotos, ["Loop"] = true, ["SamplesPerSecond"] = 4,
            }, cancel);
        }

        await fleet.AddBoardAsync("pump-1", "alanib", ["pump"], PumpSlot, new()
        {
            ["Kind"] = "csv", ["File"] = _packages.PumpStream, ["Columns"] = new System.Text.Json.Nodes.JsonArray("acceleration"), ["Stride"] = 1024,
            ["Loop"] = true, ["SamplesPerSecond"] = 4,
        }, cancel);
        await Eventually.GetAsync(async () => (await fleet.Api.DevicesAsync(null, cancel)) is { Count: 3 } all && all.All(d => d.State is "ready") ? all : null,
            "three devices that are ready", Patience, cancel);
        await fleet.Cli.RunAsync("device", "list");
    }

    private async Task<long> StartAsync(string model, string version, string slot, string selector) =>
        long.Parse(await fleet.Cli.RunAsync("rollout", "start", $"{model}@{version}", "--slot", slot, "--selector", selector,
            "--soak-minutes", "0.05", "--started-by-minutes", "1", "--healthy-by-minutes", "2", "-o", "name"), System.Globalization.CultureInfo.InvariantCulture);

    private async Task RollOutAsync(string model, string version, string slot, string selector)
    {
        var id = await StartAsync(model, version, slot, selector);
        await fleet.Cli.RunAsync("rollout", "status", $"{id}", "-w", "--timeout", "3");
    }

    private async Task<RolloutDetail> TurnedBackAsync(long id, CancellationToken cancel)
    {
        var over = await Eventually.GetAsync(async () => await fleet.Api.RolloutAsync(id, cancel) is { Rollout.State: "halted" or "rolled-back" or "done" or "aborted" } r ? r : null,
            $"rollout {id} to be turned back", Patience, cancel);
        await fleet.Cli.RefusedAsync("rollout", "status", $"{id}", "-w", "--timeout", "1");
        return over.Rollout.State is "halted" or "rolled-back" ? over : throw new DemoException($"Rollout {id} ended {over.Rollout.State}; it must be turned back.");
    }

    private async Task CollapsedAsync(CancellationToken cancel)
    {
        Narrator.Say("pack refuses it:");
        await _packages.RefusedLeafAsync("3.0.0", _leaf.Collapsed);
        Narrator.Say("Packed all the same, the server refuses it:");
        var folder = await _packages.PackLeafAsync("3.0.0", _leaf.Collapsed, "--allow-unproven");
        await fleet.Cli.RefusedAsync("model", "push", folder);
        Narrator.Say("An admin may keep it as unproven, for boards tagged lab. There the boards refuse it, before it has answered one live sample:");
        await fleet.Cli.RunAsync("model", "push", folder, "--allow-unproven");
        var halted = await TurnedBackAsync(await StartAsync(_leaf.Model, "3.0.0", LeafSlot, "tag=lab"), cancel);
        if (!halted.Devices.Any(d => d.State == "rejected"))
            throw new DemoException("No board refused the collapsed model.");
        await ExpectActiveAsync(LeafSlot, "2.0.0", cancel);
    }

    private async Task SlowAsync(CancellationToken cancel)
    {
        await _packages.LeafAsync("4.0.0", await material.SlowAsync(_leaf.Int8, cancel), "--budget-p95-ms", "60000", "--budget-memory-mb", "512");
        var halted = await TurnedBackAsync(await StartAsync(_leaf.Model, "4.0.0", LeafSlot, "tag=leaf"), cancel);
        if (!halted.Devices.Any(d => d.State == "rolled-back"))
            throw new DemoException("No board rolled the slow model back.");
        await ExpectActiveAsync(LeafSlot, "2.0.0", cancel);
    }

    private async Task AlertsAsync(CancellationToken cancel)
    {
        await Eventually.GetAsync(async () => (await fleet.Api.AlertsAsync(0, cancel)).Alerts is var alerts
            && alerts.Any(a => a.Photo is not null) && alerts.Any(a => a.Slot == PumpSlot) ? alerts : null, "alerts of leaves and pump", Patience, cancel);
        await fleet.Cli.RunAsync("alert", "list");
        var first = (await fleet.Api.AlertsAsync(0, cancel)).Alerts.First(a => a is { Photo: not null, State: "open" });
        var photo = await Eventually.GetAsync(async () => await PhotoAsync(first.Photo!, cancel), "the photo of an alert", Patience, cancel);
        Narrator.Say($"The photo of alert {first.Id} has {photo.Length / 1024.0:0.0} kB.");
        await fleet.Cli.RunAsync("alert", "ack", $"{first.Id}");
    }

    private async Task<byte[]?> PhotoAsync(string digest, CancellationToken cancel)
    {
        try
        {
            return await fleet.Api.BlobAsync(digest, cancel);
        }
        catch (FleetApiException e) when (e.Status == System.Net.HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    private async Task ExpectActiveAsync(string slot, string version, CancellationToken cancel)
    {
        await Eventually.GetAsync(async () => (await fleet.Api.DevicesAsync("tag=leaf", cancel)) is { Count: 2 } boards
            && boards.All(b => b.Slots.Single(s => s.Slot == slot) is { } s && s.Active == $"{_leaf.Model}@{version}") ? boards : null,
            $"both leaf boards to run {version}", Patience, cancel);
        Narrator.Say($"Both leaf boards run {_leaf.Model} {version}.");
    }
}
