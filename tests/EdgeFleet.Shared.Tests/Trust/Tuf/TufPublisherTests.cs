using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Trust;
using EdgeFleet.Shared.Trust.Tuf;
using EdgeFleet.Testing;
using EdgeFleet.Testing.Tuf;

namespace EdgeFleet.Shared.Tests.Trust.Tuf;

public sealed class TufPublisherTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);
    private readonly SignedRepository _repository = new(Now);
    private readonly TempFolder _folder = new();

    public void Dispose()
    {
        _repository.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task What_it_serves_passes_with_the_client()
    {
        _repository.Publish(Package("1.0.0"));
        _repository.Publish(Package("2.0.0"), floor: "1.0.0");
        var store = new TufStore(_folder["store"]);
        store.Begin(_repository.FirstRoot);
        Task<byte[]?> Fetch(string path, long bytesMax, CancellationToken cancel) => Task.FromResult(_repository.Open.File(path));
        var client = new TufClient(store, new TufRepository(Fetch, Fetch));
        await client.RefreshAsync(Now.AddDays(1), TestContext.Current.CancellationToken);
        var old = await client.FindAsync("leaf/1.0.0/manifest.json", TestContext.Current.CancellationToken);
        Assert.Equal("1.0.0", PackageTargets.FloorOf(old!));
        Assert.True(PackageTargets.Is(old!, Package("1.0.0")));
        Assert.Equal((1, 2), (_repository.Open.Served()!.RootVersion, _repository.Open.Served()!.TargetsVersion));
        Assert.Null(_repository.Open.File("../metadata/1.root.json"));
    }

    [Fact]
    public void A_list_that_is_not_after_the_one_in_force_or_not_signed_is_refused_and_changes_nothing()
    {
        _repository.Publish(Package("1.0.0"));
        var before = _repository.Copy();
        var unsigned = _repository.NextList();
        Refused(TufFault.Unsigned, () => _repository.Open.TakeTargets(unsigned.ToBytes(), Now));
        var inForce = TufTargetsDraft.Read(_repository.Open.Served()!.Targets!);
        foreach (var version in new[] { inForce.Version, inForce.Version - 1 }.Where(v => v > 0))
        {
            var stale = inForce.Next(Now.AddYears(1), version);
            stale.Sign(_repository.Publisher);
            Refused(TufFault.Rollback, () => _repository.Open.TakeTargets(stale.ToBytes(), Now));
        }

        var over = TufTargetsDraft.Read(_repository.Open.Served()!.Targets!).Next(Now);
        over.Sign(_repository.Publisher);
        Refused(TufFault.Expired, () => _repository.Open.TakeTargets(over.ToBytes(), Now));
        Assert.Equal(before, _repository.Copy());
    }

    [Fact]
    public void After_a_restore_everything_goes_on_above_what_clients_may_have_met()
    {
        _repository.Publish(Package("1.0.0"));
        var before = _repository.Open.Served()!.TargetsVersion;
        var snapshot = SnapshotVersion();
        _repository.Open.GoAhead(1000, Now);
        Assert.Equal(snapshot + 1000, SnapshotVersion());
        // A publisher signs above the lists that were lost.
        var later = TufTargetsDraft.Read(_repository.Open.Served()!.Targets!).Next(Now.AddYears(1), before + 5);
        later.Sign(_repository.Publisher);
        _repository.Open.TakeTargets(later.ToBytes(), Now);
        Assert.Equal(before + 5, _repository.Open.Served()!.TargetsVersion);

        long SnapshotVersion() => TufTimestamp.Read(_repository.Open.File("timestamp.json")!).Snapshot.Version;
    }

    [Fact]
    public void A_root_must_follow_the_one_before_and_let_the_online_key_sign()
    {
        _repository.Publish(Package("1.0.0"));
        var before = _repository.Copy();
        using var other = TufSigningKey.NewEcdsa();

        var byNobody = _repository.RootInForce().Next(Now.AddYears(2));
        Refused(TufFault.Unsigned, () => _repository.Open.TakeRoot(byNobody.ToBytes(), null, Now));
        var skipping = _repository.RootInForce().Next(Now.AddYears(2)).Next(Now.AddYears(2));
        Refused(TufFault.Rollback, () => _repository.Open.TakeRoot(_repository.SignedRoot(skipping), null, Now));

        var withoutOnline = _repository.RootInForce().Next(Now.AddYears(2));
        withoutOnline.Trust(TufRoles.Timestamp, other.Public);
        withoutOnline.Retire(TufRoles.Timestamp, _repository.Online.Id);
        Assert.Contains("edgefleet key online", Refused(TufFault.Unsigned, () => _repository.Open.TakeRoot(_repository.SignedRoot(withoutOnline), null, Now)), StringComparison.Ordinal);

        var withoutPublisher = _repository.RootInForce().Next(Now.AddYears(2));
        withoutPublisher.Trust(TufRoles.Targets, other.Public);
        withoutPublisher.Retire(TufRoles.Targets, _repository.Publisher.Id);
        Assert.Contains("signed anew", Refused(TufFault.Unsigned, () => _repository.Open.TakeRoot(_repository.SignedRoot(withoutPublisher), null, Now)), StringComparison.Ordinal);
        Assert.Equal(before, _repository.Copy());
    }

    [Fact]
    public void Timestamp_and_snapshot_are_signed_anew_when_half_their_life_is_over()
    {
        _repository.Publish(Package("1.0.0"));
        Assert.False(_repository.Open.KeepFresh(Now.AddDays(3)));
        Assert.True(_repository.Open.KeepFresh(Now.AddDays(4)));
        Assert.False(_repository.Open.KeepFresh(Now.AddDays(4)));
        Assert.Null(_repository.Open.File("2.snapshot.json"));
        Assert.True(_repository.Open.KeepFresh(Now.AddDays(16)));
        Assert.NotNull(_repository.Open.File("2.snapshot.json"));
    }

    [Fact]
    public void A_version_never_changes_and_a_floor_never_sinks()
    {
        _repository.Publish(Package("1.0.0"));
        _repository.Publish(Package("2.0.0"), floor: "2.0.0");
        var list = _repository.NextList();
        Assert.Contains("never changes", PackageTargets.Add(list, Package("2.0.0") with { Size = 7 }, "")!, StringComparison.Ordinal);
        Assert.Contains("below the release floor", PackageTargets.Add(list, Package("1.5.0"), "")!, StringComparison.Ordinal);
        Assert.Null(PackageTargets.Add(list, Package("3.0.0"), ""));
        Assert.Equal("2.0.0", PackageTargets.FloorOf(list.Targets["leaf/3.0.0/manifest.json"]));

        var inForce = TufTargetsDraft.Read(_repository.Open.Served()!.Targets!);
        Assert.Null(PackageTargets.FaultIn(inForce, list, Package("3.0.0"), "1.0.0"));
        Assert.Contains("asks for 2.5.0", PackageTargets.FaultIn(inForce, list, Package("3.0.0"), "2.5.0")!, StringComparison.Ordinal);
        Assert.Contains("does not list leaf@4.0.0", PackageTargets.FaultIn(inForce, list, Package("4.0.0"))!, StringComparison.Ordinal);
        list.Set("leaf/1.0.0/manifest.json", Package("1.0.0").Size, Package("1.0.0").Digest.Value);
        Assert.Contains("only rises", PackageTargets.FaultIn(inForce, list)!, StringComparison.Ordinal);
        list.Set("leaf/1.0.0/manifest.json", 1, Package("1.0.0").Digest.Value);
        Assert.Contains("other content", PackageTargets.FaultIn(inForce, list)!, StringComparison.Ordinal);
    }

    private static string Refused(TufFault fault, Action take)
    {
        var refused = Assert.Throws<TufException>(take);
        Assert.Equal(fault, refused.Fault);
        return refused.Message;
    }

    private static PackageRef Package(string version) => new()
    {
        Name = "leaf", Version = version, Digest = Sha256Digest.Of(System.Text.Encoding.UTF8.GetBytes(version)), Size = 20,
    };
}
