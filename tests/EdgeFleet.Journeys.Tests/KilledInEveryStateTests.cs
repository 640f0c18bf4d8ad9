using EdgeFleet.Testing.Packages;
using EdgeFleet.Testing.Processes;

namespace EdgeFleet.Journeys.Tests;

/// <summary>kill -9 of real agents while their file says that a state's step is about to run or runs: six boards in each of five states; then they start again and converge.</summary>
public sealed class KilledInEveryStateTests
{
    private const int Boards = 6;
    private const int KillsAState = 6;
    private const int TriesMax = 8;

    [Theory]
    [InlineData("Downloading")]
    [InlineData("Verifying")]
    [InlineData("Rehearsing")]
    [InlineData("Activating")]
    [InlineData("Probation")]
    public async Task The_agents_converge_on_a_verified_model(string state)
    {
        await using var fleet = await JourneyFleet.StartAsync(Boards);
        await fleet.RunsEverywhereAsync(Version(1));
        var hits = 0;
        // A kill that comes late finds the next state on the disk already: it does not count, and another version is rolled out.
        for (var version = 2; hits < KillsAState; version++)
        {
            Assert.True(version - 2 < TriesMax, $"Of {Boards * TriesMax} kills meant for {state} only {hits} found it on the disk.");
            var package = Version(version);
            await fleet.PublishAsync(package);
            var kills = fleet.Boards.Select(b => new KillInState(b, state)).ToList();
            var rollout = await fleet.RollOutAsync(package, waves: [1]);
            hits += (await Task.WhenAll(kills.Select(k => k.StartsAgainAsync(TestContext.Current.CancellationToken)))).Count(onDisk => onDisk == state);
            kills.ForEach(k => k.Dispose());

            Assert.Equal("done", (await fleet.OverAsync(rollout)).Rollout.State);
            foreach (var board in fleet.Boards)
                await fleet.SlotAsync(board, s => s.Active == package.Ref.Label && s.UpdateState == "Committed", $"to have committed {package.Ref.Label} after a kill in {state}");
        }

        foreach (var board in fleet.Boards)
            await fleet.NothingIsLostAsync(board);
    }

    private static TestPackage Version(int number) =>
        TestPackage.Build(TestPackageSpec.Colours($"{number}.0.0", TinyModel.OfColours() with { Gain = 20 + number / 8f }));
}
