using System.Text;
using System.Text.Json;
using EdgeFleet.ControlPlane.Access;
using EdgeFleet.ControlPlane.Data;
using EdgeFleet.ControlPlane.Devices;
using EdgeFleet.ControlPlane.Models;
using EdgeFleet.ControlPlane.Rollouts;
using EdgeFleet.ControlPlane.Tests.Data;
using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeFleet.ControlPlane.Tests.Rollouts;

/// <summary>
/// Boards that hear their desired documents from the real store and answer with reported slots, as the agent's table does: confirm what they run, refuse or
/// turn back what <see cref="Answer"/> says, take everything else. Nothing is mocked on the control plane's side.
/// </summary>
internal sealed class SimulatedFleet(TestPlane plane)
{
    public static readonly Person Ana = new("ana", Policies.Operator);
    public static readonly Person Root = new("root", Policies.Admin);
    public static readonly SlotName Leaf = SlotName.Parse("leaf");

    public TestPlane Plane => plane;

    /// <summary>What a board makes of a new package: the end of its way, or a state it stays in. Null commits.</summary>
    public Func<string, DesiredSlot, Outcome?> Answer { get; set; } = (_, _) => null;

    /// <summary>Every wish that a board took up, in order.</summary>
    public List<(string Device, string Package)> Taken { get; } = [];

    public static void AddRollouts(IServiceCollection services)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["Rollouts:LocalRetryMinutes"] = "15" }).Build();
        services.AddSingleton<IAuditLog, AuditLog>();
        services.AddModels(configuration).AddRollouts(configuration);
    }

    public static PackageRef Package(string version) =>
        new() { Name = "leaf", Version = version, Digest = Sha256Digest.Of(Encoding.ASCII.GetBytes(version)), Size = 1000 };

    /// <summary>Publishes versions and enrols boards that all run the first of them.</summary>
    public async Task PrepareAsync(int boards, params string[] versions)
    {
        await using var db = await plane.DbAsync();
        db.AddRange(versions.Select(v => new PublishedPackage
        {
            Name = "leaf", Version = v, Digest = Package(v).Digest, ManifestSize = 1000, Size = 1000, State = PackageState.Released,
            Published = 1, PublishedBy = "maria", Manifest = "{}", Variants = "[]",
        }));
        await db.SaveChangesAsync();
        for (var i = 1; i <= boards; i++)
            await AddAsync($"leaf-{i}", versions[0]);
    }

    public async Task AddAsync(string id, string? runs)
    {
        var device = await plane.EnrolAsync(id, d => d.Presence = "ready");
        await ReportAsync(device, runs is null ? new ReportedSlot { Slot = Leaf, State = "Idle" } : new ReportedSlot { Slot = Leaf, State = "Committed", Active = Package(runs), Attempt = 1 });
    }

    public async Task SetOnlineAsync(string id, bool online)
    {
        await using var db = await plane.DbAsync();
        (await db.Set<Device>().SingleAsync(d => d.Id == DeviceId.Parse(id))).Presence = online ? "ready" : "lost";
        await db.SaveChangesAsync();
    }

    public async Task<RolloutDetail> StartAsync(string version, Person? who = null, GateSettings? gate = null, string selector = "all", IReadOnlyList<double>? waves = null, ShadowOrder? shadow = null) =>
        Assert.IsType<RolloutEnding.Done>(await plane.Get<RolloutCommands>().StartAsync(
            new RolloutRequest("leaf", version, Selector: selector, Gate: gate, Waves: waves, Shadow: shadow), who ?? Ana, CancellationToken.None)).Rollout;

    /// <summary>Each board that is there takes up what its document wants, if it has not.</summary>
    public async Task FollowAsync()
    {
        await using var db = await plane.DbAsync();
        var wishes = await db.Set<DesiredWish>().AsNoTracking().Where(w => w.Wish != null).ToListAsync();
        var slots = await db.Set<DeviceSlot>().AsNoTracking().ToDictionaryAsync(s => s.Device);
        var online = await db.Set<Device>().Where(d => d.Presence == "ready").Select(d => d.Id).ToHashSetAsync();
        foreach (var row in wishes.Where(w => online.Contains(w.Device)).OrderBy(w => w.Device.Value, StringComparer.Ordinal))
        {
            var wish = JsonSerializer.Deserialize(row.Wish!, WireJson.Default.DesiredSlot)!;
            var slot = slots[row.Device];
            if (slot.Rollout == wish.Rollout && slot.Attempt == wish.Attempt && (slot.ActiveDigest == wish.Package.Digest || slot.CandidateDigest == wish.Package.Digest))
                continue; // It answers this wish already.

            Taken.Add((row.Device.Value, wish.Package.Version));
            await ReportAsync(row.Device, Answered(slot, wish, row.Device.Value));
        }
    }

    public async Task<IReadOnlyDictionary<string, string>> RunsAsync() =>
        (await plane.RowsAsync<DeviceSlot>()).ToDictionary(s => s.Device.Value, s => s.Active?.Split('@')[1] ?? "nothing");

    public async Task<IReadOnlyDictionary<string, string>> WantedAsync() =>
        (await plane.RowsAsync<DesiredWish>()).Where(w => w.Package is not null).ToDictionary(w => w.Device.Value, w => w.Package!.Split('@')[1]);

    /// <summary>Lets boards, worker and clock go on until the rollout is settled.</summary>
    public async Task<RolloutDetail> RunAsync(long rollout, int rounds = 60, double minutes = 10)
    {
        for (var round = 0; round < rounds; round++)
        {
            await plane.Get<RolloutRunner>().TickAsync(CancellationToken.None);
            await FollowAsync();
            plane.Time.Advance(TimeSpan.FromMinutes(minutes));
            if ((await plane.RowsAsync<Rollout>()).Single(r => r.Id == rollout).Settled)
                break;
        }

        return (await plane.Get<RolloutQueries>().FindAsync(rollout, CancellationToken.None))!;
    }

    private ReportedSlot Answered(DeviceSlot slot, DesiredSlot wish, string device)
    {
        var runs = slot.Active is null ? null : Package(slot.Active.Split('@')[1]);
        var confirmed = wish.Package.Digest == slot.ActiveDigest || (slot.Previous is not null && slot.Previous == wish.Package.Label);
        var outcome = confirmed ? null : Answer(device, wish);
        var report = new ReportedSlot { Slot = Leaf, State = "Committed", Active = wish.Package, Previous = runs, Attempt = wish.Attempt, Rollout = wish.Rollout };
        return outcome is null
            ? report
            : report with { State = outcome.State, Active = outcome.State == "Probation" ? wish.Package : runs, Candidate = wish.Package, Reason = outcome.Reason, Failure = outcome.Failure, Held = outcome.Held, Shadow = outcome.Shadow };
    }

    private async Task ReportAsync(DeviceId device, ReportedSlot reported)
    {
        await using var db = await plane.DbAsync();
        var slot = await db.Set<DeviceSlot>().SingleOrDefaultAsync(s => s.Device == device && s.Slot == Leaf);
        if (slot is null)
            db.Add(slot = new DeviceSlot { Device = device, Slot = Leaf });
        slot.Take(reported, plane.Time.GetUtcNow().ToUnixTimeMilliseconds());
        await db.SaveChangesAsync();
    }
}

/// <summary>How a board answers a package that it does not commit.</summary>
internal sealed record Outcome(string State, FailureKind? Failure = null, string? Reason = null, string? Held = null, string? Shadow = null)
{
    public static readonly Outcome Refuses = new("Rejected", FailureKind.Deterministic, "cpu-int8 answers 'rust' for every item.");
    public static readonly Outcome TurnsBack = new("RolledBack", FailureKind.Statistical, "p95 was 900 ms, the model before took 40 ms.");
    public static readonly Outcome DiskFull = new("Rejected", FailureKind.Local, "The disk is full.");
    public static readonly Outcome Hangs = new("Probation");
    public static readonly Outcome IsSlow = new("Downloading");
    public static readonly Outcome IsHot = new("Downloading", Held: "The board is too hot; the update goes on by itself when that is over.");
}
