using System.Text.Json;
using EdgeFleet.ControlPlane.Devices;
using EdgeFleet.ControlPlane.Tests.Data;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Trust;

namespace EdgeFleet.ControlPlane.Tests.Devices;

public abstract class DesiredStoreTests(PostgresFixture? postgres) : PlaneTests(postgres)
{
    private static readonly SlotName Leaf = SlotName.Parse("leaf");

    [Fact]
    public async Task A_wish_is_signed_stored_and_sent()
    {
        var device = await Plane.EnrolAsync("leaf-1");
        Assert.Equal(1, await WishAsync(Plane, device, "1.0.0"));

        var (to, document) = Assert.Single(Plane.Downlink.Desired);
        var opened = Open(document);
        Assert.Equal((device, device, 1L, "leaf@1.0.0"), (to, opened.Device, opened.Version, Assert.Single(opened.Slots).Package.Label));
    }

    [Fact]
    public async Task A_wish_that_stands_changes_nothing_and_another_one_raises_the_version()
    {
        var device = await Plane.EnrolAsync("leaf-1");
        await WishAsync(Plane, device, "1.0.0");
        Assert.Equal(0, await WishAsync(Plane, device, "1.0.0"));
        Assert.Equal(1, await WishAsync(Plane, device, "2.0.0"));

        Assert.Equal([1L, 2L], Plane.Downlink.Desired.Select(d => Open(d.Document).Version));
    }

    [Fact]
    public async Task Slots_of_other_wishes_stay_in_the_document()
    {
        var device = await Plane.EnrolAsync("leaf-1");
        await WishAsync(Plane, device, "1.0.0");
        await Plane.Get<IDesiredStore>().WishAsync([(device, Some.Wish("3.0.0", slot: "pump-3"))], Cancel);

        Assert.Equal(["leaf", "pump-3"], Open(Plane.Downlink.Desired[^1].Document).Slots.Select(s => s.Slot.Value));
    }

    [Fact]
    public async Task An_older_rollout_never_overrides_a_newer_one()
    {
        var device = await Plane.EnrolAsync("leaf-1");
        await WishAsync(Plane, device, "2.0.0", rollout: 5);

        Assert.Equal(0, await WishAsync(Plane, device, "1.0.0", rollout: 4));
        Assert.Equal("leaf@2.0.0", Assert.Single(await Plane.RowsAsync<DesiredWish>()).Package);
    }

    [Fact]
    public async Task A_withdrawn_wish_leaves_the_document_and_only_its_own_rollout_can_withdraw_it()
    {
        var device = await Plane.EnrolAsync("leaf-1");
        await WishAsync(Plane, device, "2.0.0", rollout: 5);
        var store = Plane.Get<IDesiredStore>();

        Assert.Equal(0, await store.WithdrawAsync([(device, Leaf)], 4, Cancel));
        Assert.Equal(1, await store.WithdrawAsync([(device, Leaf)], 5, Cancel));
        Assert.Equal(0, await store.WithdrawAsync([(device, Leaf)], 5, Cancel));
        var document = Open(Plane.Downlink.Desired[^1].Document);
        Assert.Equal((2L, 0), (document.Version, document.Slots.Count));
        Assert.Equal(0, await WishAsync(Plane, device, "1.0.0", rollout: 4));
    }

    [Fact]
    public async Task Devices_that_are_unknown_or_shut_out_are_wished_nothing()
    {
        var shutOut = await Plane.EnrolAsync("shut-out", d => d.Revoked = 1);

        Assert.Equal(0, await WishAsync(Plane, shutOut, "1.0.0"));
        Assert.Equal(0, await WishAsync(Plane, DeviceId.Parse("stranger"), "1.0.0"));
        Assert.Empty(await Plane.RowsAsync<DesiredState>());
    }

    [Fact]
    public async Task Two_processes_that_wish_at_once_give_each_document_a_version_of_its_own()
    {
        var device = await Plane.EnrolAsync("leaf-1");
        var other = await OpenAsync();
        await Task.WhenAll(Enumerable.Range(0, 4).SelectMany(i => new[]
        {
            Task.Run(() => Plane.Get<IDesiredStore>().WishAsync([(device, Some.Wish($"1.{i}.0", slot: "leaf"))], Cancel)),
            Task.Run(() => other.Get<IDesiredStore>().WishAsync([(device, Some.Wish($"2.{i}.0", slot: "pump-3"))], Cancel)),
        }));

        var sent = Plane.Downlink.Desired.Concat(other.Downlink.Desired).Select(d => Open(d.Document)).ToList();
        Assert.Equal(Enumerable.Range(1, 8).Select(v => (long)v), sent.Select(d => d.Version).Order());
        Assert.Equal(2, sent.MaxBy(d => d.Version)!.Slots.Count);
        Assert.Equal(8, Assert.Single(await Plane.RowsAsync<DesiredState>()).Version);
    }

    [Fact]
    public async Task Many_devices_are_wished_in_one_call()
    {
        var devices = new List<DeviceId>();
        for (var i = 0; i < 230; i++)
            devices.Add(await Plane.EnrolAsync($"board-{i}"));

        Assert.Equal(230, await Plane.Get<IDesiredStore>().WishAsync([.. devices.Select(d => (d, Some.Wish("1.0.0")))], Cancel));
        Assert.Equal(devices.ToHashSet(), Plane.Downlink.Desired.Select(d => d.Device).ToHashSet());
    }

    [Fact]
    public async Task A_device_that_is_ahead_of_a_restored_backup_gets_its_version_plus_one_and_the_history_says_so()
    {
        var device = await Plane.EnrolAsync("leaf-1");
        await WishAsync(Plane, device, "1.0.0");
        await Plane.HelloAsync(device, desired: 7);

        var document = Open(Plane.Downlink.Desired[^1].Document);
        Assert.Equal((8L, "leaf@1.0.0"), (document.Version, Assert.Single(document.Slots).Package.Label));
        Assert.Contains(await Plane.RowsAsync<DeviceHistory>(), h => h.What == "desired" && h.Text.Contains("restored from a backup", StringComparison.Ordinal));

        await WishAsync(Plane, device, "2.0.0");
        Assert.Equal(9, Open(Plane.Downlink.Desired[^1].Document).Version);
    }

    [Fact]
    public async Task The_key_stays_the_same_over_a_restart_and_only_the_owner_may_read_it()
    {
        var key = Plane.Get<DesiredSigner>().PublicKey;
        await RestartAsync();

        Assert.Equal(key, Plane.Get<DesiredSigner>().PublicKey);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(Folder, "signing.key")));
    }

    private static Task<int> WishAsync(TestPlane plane, DeviceId device, string version, long rollout = 1) =>
        plane.Get<IDesiredStore>().WishAsync([(device, Some.Wish(version, rollout))], Cancel);

    private DesiredDocument Open(Envelope document)
    {
        var payload = document.Open(DesiredDocument.PayloadType, [Plane.Get<DesiredSigner>().PublicKey], out var error);
        Assert.Null(error);
        return JsonSerializer.Deserialize(payload, WireJson.Default.DesiredDocument)!;
    }
}

public sealed class DesiredStoreOnSqliteTests() : DesiredStoreTests(null);

public sealed class DesiredStoreOnPostgresTests(PostgresFixture postgres) : DesiredStoreTests(postgres);
