using EdgeFleet.ControlPlane.Data;
using EdgeFleet.ControlPlane.Rollouts;
using EdgeFleet.ControlPlane.Rollouts.Evidence;
using EdgeFleet.ControlPlane.Tests.Data;
using EdgeFleet.Shared.Api;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeFleet.ControlPlane.Tests.Rollouts;

/// <summary>The worker is ended after each save that a rollout makes, its own and those of the desired store, and a new one goes on.</summary>
public sealed class RolloutCrashTests
{
    private const int SavesMax = 200;

    [Fact]
    public async Task A_worker_that_dies_after_any_save_neither_skips_nor_doubles_a_wave()
    {
        var crashes = await AtEverySaveAsync(async (plane, fleet, id) =>
        {
            var done = await SummaryAsync(plane, id);
            Assert.Equal(("done", 4), (done.State, done.Committed));
            Assert.All(await fleet.RunsAsync(), r => Assert.Equal("2.0.0", r.Value));

            var verbs = (await plane.RowsAsync<StoredDecision>()).OrderBy(d => d.Id).Select(d => d.Verb).Where(v => v is "Advance" or "Done");
            Assert.Equal(["Advance", "Advance", "Done"], verbs);
            var rows = (await plane.RowsAsync<RolloutDevice>()).ToDictionary(d => d.Device.Value);
            Assert.Equal([1, 2, 3, 3], fleet.Taken.Select(t => rows[t.Device].Wave)); // Each board heard of it once, in the order of the waves.
            Assert.Equal(3, rows.Values.GroupBy(r => r.Wave).Select(g => Assert.Single(g.Select(r => r.WaveStarted).Distinct())).Distinct().Count());
        }, _ => null);
        Assert.True(crashes >= 12, $"Only {crashes} crash points.");
    }

    [Fact]
    public async Task A_worker_that_dies_after_any_save_still_brings_every_board_back()
    {
        var crashes = await AtEverySaveAsync(async (plane, fleet, id) =>
        {
            Assert.Equal("rolled-back", (await SummaryAsync(plane, id)).State);
            Assert.All(await fleet.RunsAsync(), r => Assert.Equal("1.0.0", r.Value));
            Assert.All(await fleet.WantedAsync(), w => Assert.Equal("1.0.0", w.Value));
            Assert.Single(await plane.RowsAsync<StoredDecision>(), d => d.Verb == "Halt");
        }, wave => wave == 3 ? Outcome.TurnsBack : null);
        Assert.True(crashes >= 15, $"Only {crashes} crash points.");
    }

    private static async Task<int> AtEverySaveAsync(Func<TestPlane, SimulatedFleet, long, Task> check, Func<int, Outcome?> answer)
    {
        for (var saves = 0; saves < SavesMax; saves++)
        {
            var folder = Directory.CreateTempSubdirectory("edgefleet-crash-").FullName;
            try
            {
                if (!await CrashAfterAsync(folder, saves, check, answer))
                    return saves;
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        }

        throw new InvalidOperationException($"The rollout makes more than {SavesMax} saves.");
    }

    // True when the crash happened, false when the rollout was over before.
    private static async Task<bool> CrashAfterAsync(string folder, int saves, Func<TestPlane, SimulatedFleet, long, Task> check, Func<int, Outcome?> answer)
    {
        await using var plane = await TestPlane.OpenAsync(folder, null, SimulatedFleet.AddRollouts);
        var fleet = new SimulatedFleet(plane);
        await fleet.PrepareAsync(4, "1.0.0", "2.0.0");
        var started = await fleet.StartAsync("2.0.0", waves: [0.25, 0.5, 1], gate: new GateSettings { SoakMinutes = 0 });
        var waves = started.Devices.ToDictionary(d => d.Device, d => d.Wave);
        fleet.Answer = (device, wish) => wish.Package.Version == "2.0.0" ? answer(waves[device]) : null;

        var crashing = new CrashingContexts(plane.Get<IDbContextFactory<FleetContext>>()) { SavesLeft = saves };
        var crashed = false;
        for (var round = 0; round < 30; round++)
        {
            try
            {
                await Runner(plane, crashing).TickAsync(CancellationToken.None);
            }
            catch (CrashException)
            {
                crashed = true;
            }

            await fleet.FollowAsync();
            plane.Time.Advance(TimeSpan.FromMinutes(10));
        }

        await check(plane, fleet, started.Rollout.Id);
        return crashed;
    }

    // A new process: nothing of the one before is left but the database.
    private static RolloutRunner Runner(TestPlane plane, CrashingContexts contexts)
    {
        var desired = ActivatorUtilities.CreateInstance<ControlPlane.Devices.DesiredStore>(plane.Get<IServiceProvider>(), contexts);
        var teller = ActivatorUtilities.CreateInstance<RolloutTeller>(plane.Get<IServiceProvider>(), desired);
        return ActivatorUtilities.CreateInstance<RolloutRunner>(plane.Get<IServiceProvider>(), contexts, new RolloutHands(teller, plane.Get<EvidenceReader>()));
    }

    private static async Task<RolloutSummary> SummaryAsync(TestPlane plane, long id) => (await plane.Get<RolloutQueries>().FindAsync(id, CancellationToken.None))!.Rollout;
}
