using System.Text.Json.Nodes;
using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Models;
using EdgeFleet.Testing.Packages;

namespace EdgeFleet.Journeys.Tests;

public sealed class PublishToCommitTests
{
    [Fact]
    public async Task A_version_goes_out_in_waves_and_the_next_one_replaces_it_without_losing_a_sample()
    {
        await using var fleet = await JourneyFleet.StartAsync(boards: 3);
        await fleet.RunsEverywhereAsync(TestPackage.Build(TestPackageSpec.Colours("1.0.0")));
        await fleet.RunsEverywhereAsync(TestPackage.Build(TestPackageSpec.Colours("2.0.0", TinyModel.OfColours() with { Gain = 21 })));
        foreach (var board in fleet.Boards)
        {
            var slot = await fleet.SlotAsync(board, s => s is { Active: "colours@2.0.0", UpdateState: "Committed" }, "to have committed 2.0.0");
            Assert.True(slot.Samples.Answered > 0);
            Assert.Equal(0, slot.Samples.Failed);
            await fleet.NothingIsLostAsync(board);
        }
    }

    [Fact]
    public async Task On_a_dear_link_the_next_version_comes_as_a_delta_and_the_whole_file_does_not()
    {
        await using var fleet = await JourneyFleet.StartAsync(updates: new JsonObject { ["WholeFiles"] = false, ["ProbationSeconds"] = 3, ["BackoffSecondsFirst"] = 0.5 });
        var large = TinyModel.OfColours() with { Ballast = (50_000, 1) };
        await fleet.RunsEverywhereAsync(TestPackage.Build(TestPackageSpec.Colours("1.0.0", large)));
        await fleet.RunsEverywhereAsync(TestPackage.Build(TestPackageSpec.Colours("2.0.0", large with { Gain = 21 })));

        await fleet.SlotAsync(fleet.Boards[0], s => s is { Active: "colours@2.0.0", UpdateState: "Committed" }, "to have committed 2.0.0, which it can only have by a delta");
        await fleet.NothingIsLostAsync(fleet.Boards[0]);
    }

    [Fact]
    public async Task A_model_that_is_wrong_is_refused_by_the_server_and_by_the_boards_and_the_rollout_goes_back()
    {
        await using var fleet = await JourneyFleet.StartAsync(boards: 2);
        await fleet.RunsEverywhereAsync(TestPackage.Build(TestPackageSpec.Colours("1.0.0")));
        var collapsed = TestPackage.Build(TestPackageSpec.Colours("2.0.0", TinyModel.OfColours() with { Bias = [0, 0, 1000] }));

        var refused = await Assert.ThrowsAsync<FleetApiException>(() => fleet.PublishAsync(collapsed));
        Assert.Equal(System.Net.HttpStatusCode.UnprocessableEntity, refused.Status);
        Assert.Contains("blue", refused.Message, StringComparison.Ordinal);

        Assert.Equal("unproven", (await fleet.PublishAsync(collapsed, allowUnproven: true)).State);
        var over = await fleet.OverAsync(await fleet.RollOutAsync(collapsed, "tag=lab"));
        Assert.Equal("halted", over.Rollout.State);
        Assert.Contains(over.Devices, d => d.State == "rejected" && d.Reason!.Contains("blue", StringComparison.Ordinal));
        foreach (var board in fleet.Boards)
            await fleet.SlotAsync(board, s => s is { Active: "colours@1.0.0" }, "to serve 1.0.0 still");
    }

    [Fact]
    public async Task A_version_that_disagrees_in_shadow_is_refused_before_it_serves_and_the_one_before_never_stops()
    {
        await using var fleet = await JourneyFleet.StartAsync(updates: new JsonObject { ["ProbationSeconds"] = 3, ["BackoffSecondsFirst"] = 0.5, ["ShadowSamples"] = 60 });
        await fleet.RunsEverywhereAsync(TestPackage.Build(TestPackageSpec.Colours("1.0.0")));
        // It answers its own golden set as its own float model does, so nothing before the live samples can tell.
        var blue = TinyModel.OfColours() with { Bias = [0, 0, 1000] };
        var other = TestPackage.Build(TestPackageSpec.Colours("2.0.0", blue) with { Float = blue.Build() });
        await fleet.PublishAsync(other);

        var id = await fleet.RollOutAsync(other, shadow: new ShadowOrder { Share = 0.5, Limits = new ShadowLimits { AgreementMin = 0.9 } });
        var over = await fleet.OverAsync(id);

        Assert.Equal("halted", over.Rollout.State);
        var device = Assert.Single(over.Devices);
        Assert.Equal("rejected", device.State);
        Assert.Contains("it agrees with colours@1.0.0 on 0.0 % of 60 live samples", device.Reason!, StringComparison.Ordinal);
        Assert.Contains("In shadow on 50 % of the live samples first, agreement at least 90 %", await fleet.CliAsync(fleet.Api, "rollout", "status", $"{id}"), StringComparison.Ordinal);

        var board = fleet.Boards[0];
        var slot = await fleet.SlotAsync(board, s => s is { Active: "colours@1.0.0" }, "to serve 1.0.0 still");
        Assert.Equal(0, slot.Samples.Failed);
        Assert.All((await fleet.Api.TelemetryAsync(board.DeviceId, JourneyFleet.Slot, 1, TestContext.Current.CancellationToken)).Rows.Where(r => r.Answered > 0), r => Assert.Equal("colours@1.0.0", r.Model));
        await fleet.NothingIsLostAsync(board);
        var photo = await fleet.DisagreementPhotoAsync(id);
        Assert.InRange(photo.Length, 1, 30 * 1024);
        Assert.Equal([0xFF, 0xD8, 0xFF], photo[..3]);
    }

    [Fact]
    public async Task A_version_that_answers_one_thing_for_everything_is_turned_back_by_its_class_mix()
    {
        await using var fleet = await JourneyFleet.StartAsync(updates: new JsonObject { ["ProbationSeconds"] = 15, ["BackoffSecondsFirst"] = 0.5 });
        await fleet.RunsEverywhereAsync(TestPackage.Build(TestPackageSpec.Colours("1.0.0")));
        var blue = TinyModel.OfColours() with { Bias = [0, 0, 1000] };
        var other = TestPackage.Build(TestPackageSpec.Colours("2.0.0", blue) with { Float = blue.Build() });
        await fleet.PublishAsync(other);

        var over = await fleet.OverAsync(await fleet.RollOutAsync(other));

        Assert.Contains(over.Rollout.State, new[] { "halted", "rolled-back" });
        var device = Assert.Single(over.Devices);
        Assert.Equal("rolled-back", device.State);
        Assert.StartsWith("Class mix: 100 % of the answers", device.Reason!, StringComparison.Ordinal);
        await fleet.SlotAsync(fleet.Boards[0], s => s is { Active: "colours@1.0.0" }, "to serve 1.0.0 again");
        await fleet.NothingIsLostAsync(fleet.Boards[0]);
    }

    [Fact]
    public async Task A_model_that_is_slow_is_turned_back_in_probation()
    {
        await using var fleet = await JourneyFleet.StartAsync();
        await fleet.RunsEverywhereAsync(TestPackage.Build(TestPackageSpec.Colours("1.0.0")));
        var slow = TestPackage.Build(TestPackageSpec.Colours("2.0.0", TinyModel.OfColours() with { Rounds = 150_000 }) with
        {
            Budgets = new() { P95LatencyMs = 60_000, MemoryMb = 512 },
        });
        await fleet.PublishAsync(slow);
        var over = await fleet.OverAsync(await fleet.RollOutAsync(slow));
        Assert.Contains(over.Rollout.State, new[] { "halted", "rolled-back" });
        Assert.Contains(over.Devices, d => d.State == "rolled-back");
        await fleet.SlotAsync(fleet.Boards[0], s => s is { Active: "colours@1.0.0" }, "to serve 1.0.0 again");
        await fleet.NothingIsLostAsync(fleet.Boards[0]);
    }
}
