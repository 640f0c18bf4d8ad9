using System.Text.Json.Nodes;
using EdgeFleet.Shared.Api;
using EdgeFleet.Testing.Boards;
using EdgeFleet.Testing.Packages;
using EdgeFleet.Testing.Processes;

namespace EdgeFleet.Journeys.Tests;

public sealed class HotBoardTests
{
    private const double Watts = 6;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_hot_board_tells_its_heat_lets_its_update_wait_and_takes_it_when_it_has_cooled()
    {
        using var orin = FakeBoard.Orin(Watts, celsius: 50);
        await using var fleet = await JourneyFleet.StartAsync(boards: 0);
        var board = await fleet.AddBoardAsync("orin", power: new JsonObject
        {
            ["Root"] = orin.Root, ["SampleHz"] = 20, ["PollSeconds"] = 0.2, ["RaiseSeconds"] = 0.4, ["ClearSeconds"] = 0.4,
        });
        await fleet.RunsEverywhereAsync(TestPackage.Build(TestPackageSpec.Colours("1.0.0")));
        var measured = await DeviceAsync(fleet, board, d => d.Energy is [{ State: EnergySummary.Measured }], "energy per inference");
        var row = measured.Energy[0].Newest!;
        Assert.Equal(Watts, row.EnergyUj!.Value / 1e6 * row.Answered / row.Seconds, 0.5 * Watts);
        Assert.Equal(("ina3221 VDD_IN", "15W", 50), (measured.Power!.Sensor, measured.Power.Mode, measured.Power.Celsius));

        orin.Celsius(91);
        await DeviceAsync(fleet, board, d => d.Warnings.Any(w => w.Code == "board-hot") && d.Power is { Celsius: 91, RateFactor: 0.5, UpdatesWait: not null }, "its heat to be told");
        var second = TestPackage.Build(TestPackageSpec.Colours("2.0.0", TinyModel.OfColours() with { Gain = 21 }));
        await fleet.PublishAsync(second);
        var rollout = await fleet.RollOutAsync(second);
        var held = await fleet.SlotAsync(board, s => s.Held is not null, "to let the update wait");
        Assert.Equal(("Downloading", "colours@1.0.0"), (held.UpdateState, held.Active));

        orin.Celsius(50);
        Assert.Equal("done", (await fleet.OverAsync(rollout)).Rollout.State);
        await fleet.SlotAsync(board, s => s is { Active: "colours@2.0.0", UpdateState: "Committed", Held: null }, "to have committed 2.0.0");
        await DeviceAsync(fleet, board, d => d is { Warnings.Count: 0, Power.RateFactor: null }, "to be well again");
        await fleet.NothingIsLostAsync(board);
    }

    private static Task<DeviceDetail> DeviceAsync(JourneyFleet fleet, AgentProcess board, Func<DeviceDetail, bool> holds, string what) => Eventually.GetAsync(
        async () => await fleet.DeviceAsync(board) is var device && holds(device) ? device : null, what, JourneyFleet.Patience, Cancel);
}
