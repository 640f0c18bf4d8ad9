using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Trust;
using EdgeFleet.Shared.Trust.Tuf;
using EdgeFleet.Testing;
using EdgeFleet.Testing.Packages;
using EdgeFleet.Testing.Processes;

namespace EdgeFleet.Journeys.Tests;

/// <summary>Packages are signed by their publishers, and boards hold to it whatever the control plane says.</summary>
public sealed class SignedPackagesTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_stolen_control_plane_that_has_its_keys_cannot_bring_a_package_of_its_own_to_a_board()
    {
        await using var fleet = await JourneyFleet.StartAsync(boards: 0);
        using var publisher = new Publisher(fleet.ControlPlane, fleet.Api, Cancel);
        await publisher.BeginAsync();
        var board = await fleet.AddBoardAsync("board-1");
        await publisher.PushAsync(Version("1.0.0"));
        Assert.Equal("done", (await fleet.OverAsync(await fleet.RollOutAsync(Version("1.0.0")))).Rollout.State);
        var refused = await Assert.ThrowsAsync<FleetApiException>(() => fleet.PublishAsync(Version("6.6.6")));
        Assert.Contains("are signed", refused.Message, StringComparison.Ordinal);

        await StealAsync(fleet, Version("6.6.6"));
        var over = await fleet.OverAsync(await fleet.RollOutAsync(Version("6.6.6")));

        Assert.Equal("halted", over.Rollout.State);
        Assert.Contains("signed by 0 of the 1 keys", Assert.Single(over.Devices).Reason!, StringComparison.Ordinal);
        var slot = await fleet.SlotAsync(board, s => s is { Active: "colours@1.0.0" }, "to serve 1.0.0 still");
        Assert.Equal(0, slot.Samples.Failed);
        await fleet.NothingIsLostAsync(board);
    }

    [Fact]
    public async Task A_board_goes_back_to_a_listed_version_and_not_below_the_release_floor()
    {
        await using var fleet = await JourneyFleet.StartAsync(boards: 0);
        using var publisher = new Publisher(fleet.ControlPlane, fleet.Api, Cancel);
        await publisher.BeginAsync();
        var board = await fleet.AddBoardAsync("board-1");
        foreach (var package in new[] { Version("1.0.0"), Version("2.0.0"), Version("3.0.0", floor: "2.0.0") })
        {
            await publisher.PushAsync(package);
            Assert.Equal("done", (await fleet.OverAsync(await fleet.RollOutAsync(package))).Rollout.State);
        }

        var over = await fleet.OverAsync(await fleet.RollOutAsync(Version("1.0.0")));
        Assert.Equal("halted", over.Rollout.State);
        Assert.Contains("below the release floor of colours, which is 2.0.0", Assert.Single(over.Devices).Reason!, StringComparison.Ordinal);
        await fleet.SlotAsync(board, s => s is { Active: "colours@3.0.0" }, "to serve 3.0.0 still");

        Assert.Equal("done", (await fleet.OverAsync(await fleet.RollOutAsync(Version("2.0.0")))).Rollout.State);
        await fleet.SlotAsync(board, s => s is { Active: "colours@2.0.0", UpdateState: "Committed" }, "to have gone back to 2.0.0");
    }

    [Fact]
    public async Task Keys_rotate_while_a_board_is_away_and_it_takes_what_the_new_ones_sign()
    {
        await using var fleet = await JourneyFleet.StartAsync(boards: 0);
        using var publisher = new Publisher(fleet.ControlPlane, fleet.Api, Cancel);
        await publisher.BeginAsync();
        var board = await fleet.AddBoardAsync("board-1");
        await publisher.PushAsync(Version("1.0.0"));
        Assert.Equal("done", (await fleet.OverAsync(await fleet.RollOutAsync(Version("1.0.0")))).Rollout.State);

        await board.StopAsync();
        await publisher.RotatePublisherAsync("nora");
        await publisher.RotateOwnerAsync(leaves: "ana", comes: "cora", stays: "ben");
        await publisher.PushAsync(Version("2.0.0"));
        var rollout = await fleet.RollOutAsync(Version("2.0.0"));
        board.Start();

        await fleet.SlotAsync(board, s => s is { Active: "colours@2.0.0", UpdateState: "Committed" }, "to have committed 2.0.0");
        Assert.Equal("done", (await fleet.OverAsync(rollout)).Rollout.State);
    }

    [Fact]
    public async Task A_family_of_models_has_keys_of_its_own_which_rotate_and_boards_follow()
    {
        await using var fleet = await JourneyFleet.StartAsync(boards: 0);
        using var publisher = new Publisher(fleet.ControlPlane, fleet.Api, Cancel);
        await publisher.BeginAsync();
        var board = await fleet.AddBoardAsync("board-1");
        await publisher.PushAsync(Version("1.0.0"));
        Assert.Equal("done", (await fleet.OverAsync(await fleet.RollOutAsync(Version("1.0.0")))).Rollout.State);

        foreach (var name in new[] { "dora", "elsa" })
            await publisher.MakeKeyAsync(name);
        await publisher.FamilyAsync("colours", "dora");
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => publisher.PushAsync(Version("2.0.0")));
        Assert.Contains("belongs to the family colours", refused.Message, StringComparison.Ordinal);
        await publisher.PushByAsync("dora", Version("2.0.0"));
        Assert.Equal("done", (await fleet.OverAsync(await fleet.RollOutAsync(Version("2.0.0")))).Rollout.State);

        await publisher.FamilyAsync("colours", "elsa", leaves: "dora");
        refused = await Assert.ThrowsAsync<InvalidOperationException>(() => publisher.PushByAsync("dora", Version("3.0.0")));
        Assert.Contains("belongs to the family colours", refused.Message, StringComparison.Ordinal);
        await publisher.PushByAsync("elsa", Version("3.0.0"));
        Assert.Equal("done", (await fleet.OverAsync(await fleet.RollOutAsync(Version("3.0.0")))).Rollout.State);

        // What moved to the family's list is as good as it was.
        Assert.Equal("done", (await fleet.OverAsync(await fleet.RollOutAsync(Version("1.0.0")))).Rollout.State);
        await fleet.SlotAsync(board, s => s is { Active: "colours@1.0.0", UpdateState: "Committed" }, "to have gone back to 1.0.0");
    }

    [Fact]
    public async Task A_board_from_before_goes_on_and_takes_the_root_when_it_renews()
    {
        await using var fleet = await JourneyFleet.StartAsync(boards: 1);
        await fleet.RunsEverywhereAsync(Version("1.0.0"));
        using var publisher = new Publisher(fleet.ControlPlane, fleet.Api, Cancel);
        await publisher.BeginAsync();
        await publisher.PushAsync(Version("2.0.0"));
        Assert.Equal("done", (await fleet.OverAsync(await fleet.RollOutAsync(Version("2.0.0")))).Rollout.State);
        var board = fleet.Boards[0];
        Assert.False(Directory.Exists(Path.Combine(board.StateFolder, "trust")));

        var (code, _, all) = await board.CommandAsync(Cancel, "renew");
        Assert.True(code == 0, all);
        await publisher.PushAsync(Version("3.0.0"));
        Assert.Equal("done", (await fleet.OverAsync(await fleet.RollOutAsync(Version("3.0.0")))).Rollout.State);
        Assert.True(File.Exists(Assert.Single(Directory.EnumerateFiles(Path.Combine(board.StateFolder, "trust"), "targets.json", SearchOption.AllDirectories))));
    }

    private static TestPackage Version(string version, string floor = "") => TestPackage.Build(TestPackageSpec.Colours(version) with { ReleaseFloor = floor });

    // The thief has the machine: he takes the metadata away, so that the server takes his package, and puts lists there that his own key signed, under
    // snapshots and timestamps by the server's key.
    private static async Task StealAsync(JourneyFleet fleet, TestPackage package)
    {
        var metadata = Path.Combine(fleet.ControlPlane.Folder, "packages", "metadata");
        await fleet.ControlPlane.StopAsync();
        Directory.Delete(metadata, recursive: true);
        await fleet.ControlPlane.StartAsync(Cancel);
        await fleet.PublishAsync(package);
        await fleet.ControlPlane.StopAsync();

        using var online = TufSigningKey.FromPem(await File.ReadAllTextAsync(Path.Combine(fleet.ControlPlane.Folder, "metadata.key"), Cancel));
        using var thief = TufSigningKey.NewEcdsa();
        var now = TimeProvider.System.GetUtcNow();
        var root = TufRootDraft.New(now.AddYears(1));
        root.Trust(TufRoles.Root, thief.Public);
        root.Trust(TufRoles.Targets, thief.Public);
        root.Trust(TufRoles.Snapshot, online.Public);
        root.Trust(TufRoles.Timestamp, online.Public);
        Assert.True(root.Sign(thief));
        var forged = new TufPublisher(metadata, online, new TufLives(TimeSpan.FromDays(30), TimeSpan.FromDays(7)));
        forged.TakeRoot(root.ToBytes(), null, now);
        for (var list = TufTargetsDraft.New(now.AddYears(1)); list.Version <= 3; list = list.Next(now.AddYears(1)))
        {
            list.Set(PackageTargets.PathOf(package.Ref.Name, package.Ref.Version), package.Ref.Size, package.Ref.Digest.Value);
            list.Sign(thief);
            forged.TakeTargets(list.ToBytes(), now);
        }

        await fleet.ControlPlane.StartAsync(Cancel);
    }
}
