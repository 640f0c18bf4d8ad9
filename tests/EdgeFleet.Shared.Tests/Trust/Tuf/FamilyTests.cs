using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Trust;
using EdgeFleet.Shared.Trust.Tuf;
using EdgeFleet.Testing;
using EdgeFleet.Testing.Tuf;

namespace EdgeFleet.Shared.Tests.Trust.Tuf;

/// <summary>Families of models with keys of their own, from who signs to who asks.</summary>
public sealed class FamilyTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);
    private static readonly PackageRef First = Package("coffee", "1.0.0");
    private static readonly PackageRef Second = Package("coffee", "2.0.0");
    private static readonly PackageRef Other = Package("pump", "1.0.0");
    private readonly TempFolder _board = new();
    private readonly SignedRepository _repository = new(Now);
    private readonly TufSigningKey _family;

    public FamilyTests()
    {
        _family = _repository.NewKey();
        _repository.Publish(First);
        _repository.Publish(Other);
    }

    public void Dispose()
    {
        _repository.Dispose();
        _board.Dispose();
    }

    [Fact]
    public async Task A_client_finds_in_the_familys_list_what_moved_there_and_what_came_since()
    {
        Assert.NotNull(await FindAsync(First));
        Delegate();
        Publish(Second, _family);

        Assert.Equal(First.Size, (await FindAsync(First))!.Length);
        Assert.Equal(Second.Size, (await FindAsync(Second))!.Length);
        Assert.NotNull(await FindAsync(Other));
        Assert.Null(await FindAsync(Package("coffee", "3.0.0")));
    }

    [Fact]
    public void Others_do_not_sign_for_a_family_and_it_does_not_list_what_is_not_its_own()
    {
        Delegate();
        Assert.Contains("signed by 0 of the 1 keys", Refused(() => Publish(Second, _repository.Publisher)), StringComparison.Ordinal);
        Assert.Contains("none of its family's", Refused(() => Publish(Package("pump", "2.0.0"), _family)), StringComparison.Ordinal);
        Assert.Contains("leaves nothing to a family", Refused(() => _repository.Open.TakeLists(new Dictionary<string, byte[]> { ["tea"] = List(null, Second, _family) }, Now)), StringComparison.Ordinal);
        Assert.Contains("came where 2 follows", Refused(() => _repository.Open.TakeLists(new Dictionary<string, byte[]> { ["coffee"] = List(null, Second, _family) }, Now)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_is_retired_takes_its_list_along_only_when_that_is_signed_anew()
    {
        Delegate();
        var next = _repository.NewKey();
        var list = _repository.NextList();
        list.SetFamily(new TufFamily("coffee", [next.Public], 1, [PackageTargets.PathsOf("coffee")]));
        list.Sign(_repository.Publisher);
        Assert.Contains("signed the list of the family coffee", Refused(() => _repository.Open.TakeTargets(list.ToBytes(), Now)), StringComparison.Ordinal);

        var again = TufTargetsDraft.Read(_repository.Open.Served()!.Families["coffee"].Bytes).Next(Now.AddYears(1));
        again.Sign(next);
        _repository.Open.TakeLists(new Dictionary<string, byte[]> { [TufRoles.Targets] = list.ToBytes(), ["coffee"] = again.ToBytes() }, Now);
        Assert.NotNull(await FindAsync(First));
        Assert.Contains("signed by 0 of the 1 keys", Refused(() => Publish(Second, _family)), StringComparison.Ordinal);
        Publish(Second, next);
        Assert.NotNull(await FindAsync(Second));
    }

    [Fact]
    public void Two_keys_of_a_family_sign_where_two_must()
    {
        var second = _repository.NewKey();
        Delegate(new TufFamily("coffee", [_family.Public, second.Public], 2, [PackageTargets.PathsOf("coffee")]), _family, second);
        Assert.Contains("signed by 1 of the 2 keys", Refused(() => Publish(Second, _family)), StringComparison.Ordinal);
        Publish(Second, _family, second);
    }

    [Fact]
    public void A_family_that_was_there_is_not_left_out_and_snapshots_go_on_listing_it()
    {
        Delegate();
        var list = TufTargetsDraft.New(Now.AddYears(1));
        while (list.Version <= _repository.Open.Served()!.TargetsVersion)
            list = list.Next(Now.AddYears(1));
        list.Sign(_repository.Publisher);
        Assert.Contains("A family that was there stays", Refused(() => _repository.Open.TakeTargets(list.ToBytes(), Now)), StringComparison.Ordinal);

        Assert.True(_repository.Open.KeepFresh(Now.AddDays(20)));
        Assert.Equal(["coffee"], _repository.Open.Served()!.Families.Keys);
    }

    private static PackageRef Package(string name, string version) =>
        new() { Name = name, Version = version, Digest = Sha256Digest.Of(System.Text.Encoding.UTF8.GetBytes(name + version)), Size = 100 + version[0] };

    private static string Refused(Action take) => Assert.Throws<TufException>(take).Message;

    private void Delegate() => Delegate(new TufFamily("coffee", [_family.Public], 1, [PackageTargets.PathsOf("coffee")]), _family);

    private void Delegate(TufFamily family, params TufSigningKey[] keys)
    {
        var (list, own) = (_repository.NextList(), TufTargetsDraft.New(Now.AddYears(1)));
        list.SetFamily(family);
        foreach (var (path, target) in list.Targets.Where(t => family.Covers(t.Key)).ToList())
            PackageTargets.Move(list, own, path, target);
        list.Sign(_repository.Publisher);
        foreach (var key in keys)
            own.Sign(key);
        _repository.Open.TakeLists(new Dictionary<string, byte[]> { [TufRoles.Targets] = list.ToBytes(), [family.Name] = own.ToBytes() }, Now);
    }

    private void Publish(PackageRef package, params TufSigningKey[] keys) =>
        _repository.Open.TakeLists(new Dictionary<string, byte[]> { ["coffee"] = List(_repository.Open.Served()!.Families["coffee"].Bytes, package, keys) }, Now);

    private static byte[] List(byte[]? before, PackageRef package, params TufSigningKey[] keys)
    {
        var list = before is null ? TufTargetsDraft.New(Now.AddYears(1)) : TufTargetsDraft.Read(before).Next(Now.AddYears(1));
        Assert.Null(PackageTargets.Add(list, package, ""));
        foreach (var key in keys)
            list.Sign(key);
        return list.ToBytes();
    }

    private async Task<TufTarget?> FindAsync(PackageRef package)
    {
        var store = new TufStore(_board.Path);
        if (!store.HasRoot)
            store.Begin(_repository.FirstRoot);
        var files = _repository.Copy();
        Task<byte[]?> Fetch(string path, long bytesMax, CancellationToken cancel) => Task.FromResult(files.GetValueOrDefault(path));
        var client = new TufClient(store, new TufRepository(Fetch, Fetch));
        await client.RefreshAsync(Now);
        return await client.FindAsync(PackageTargets.PathOf(package.Name, package.Version));
    }
}
