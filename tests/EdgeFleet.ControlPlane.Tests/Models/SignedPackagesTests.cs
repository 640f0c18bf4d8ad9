using System.Net;
using EdgeFleet.ControlPlane.Access;
using EdgeFleet.ControlPlane.Models;
using EdgeFleet.ControlPlane.Tests.Data;
using EdgeFleet.ControlPlane.Tests.Hosting;
using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Trust;
using EdgeFleet.Shared.Trust.Tuf;
using EdgeFleet.Testing;
using EdgeFleet.Testing.Packages;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeFleet.ControlPlane.Tests.Models;

/// <summary>What the control plane takes in as signed, and what it serves of it.</summary>
public sealed class SignedPackagesTests : IDisposable
{
    private static readonly Person Maria = new("maria", Policies.Publisher);
    private readonly TempFolder _folder = new();
    private readonly TufSigningKey _owner = TufSigningKey.NewEcdsa();
    private readonly TufSigningKey _publisher = TufSigningKey.NewEd25519();
    private readonly TufSigningKey _stranger = TufSigningKey.NewEcdsa();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _owner.Dispose();
        _publisher.Dispose();
        _stranger.Dispose();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        _folder.Dispose();
    }

    [Fact]
    public async Task Until_there_is_a_root_packages_are_not_signed_and_from_then_on_they_must_be()
    {
        await using var plane = await OpenAsync();
        var metadata = plane.Get<PackageMetadata>();
        var (first, second) = (await PutAsync(plane, "1.0.0"), await PutAsync(plane, "2.0.0"));
        Assert.IsType<PackageEnding.Published>(await PublishAsync(plane, first));
        Assert.Contains("no root yet", Refused(await PublishAsync(plane, second, List(plane, null, second))), StringComparison.Ordinal);

        Assert.Null(metadata.TakeRoot(new RootRequest(Root(plane))));
        Assert.Contains("--key", Refused(await PublishAsync(plane, second)), StringComparison.Ordinal);
        Assert.IsType<PackageEnding.Published>(await PublishAsync(plane, second, List(plane, null, second)));
        // One from before is listed by pushing it again.
        Assert.IsType<PackageEnding.Already>(await PublishAsync(plane, first, List(plane, metadata.InForce("targets"), first)));
        Assert.Equal((1, 2), (metadata.Summarise().RootVersion, metadata.Summarise().TargetsVersion));
        Assert.Equal(2, TufTargetsDraft.Read(metadata.InForce("targets")!).Targets.Count);
    }

    [Fact]
    public async Task A_list_that_is_forged_stale_or_lacks_the_package_is_refused_by_name_and_nothing_is_published()
    {
        await using var plane = await OpenAsync();
        var metadata = plane.Get<PackageMetadata>();
        var (first, second) = (await PutAsync(plane, "1.0.0"), await PutAsync(plane, "2.0.0"));
        metadata.TakeRoot(new RootRequest(Root(plane)));
        var list = List(plane, null, first);
        Assert.IsType<PackageEnding.Published>(await PublishAsync(plane, first, list));

        Assert.Contains("does not list colours@2.0.0", Refused(await PublishAsync(plane, second, List(plane, list, first))), StringComparison.Ordinal);
        Assert.Contains("signed by 0 of the 1 keys", Refused(await PublishAsync(plane, second, List(plane, list, second, _stranger))), StringComparison.Ordinal);
        Assert.Contains("came where 2 follows", Refused(await PublishAsync(plane, second, List(plane, null, second))), StringComparison.Ordinal);
        Assert.Contains("cannot be read", Refused(await PublishAsync(plane, second, "{"u8.ToArray())), StringComparison.Ordinal);
        Assert.Single(await plane.RowsAsync<PublishedPackage>());
        Assert.Equal(list, metadata.InForce("targets"));
    }

    [Fact]
    public async Task A_model_moves_to_a_family_with_its_versions_and_floor_and_its_keys_alone_sign_it_from_then_on()
    {
        await using var plane = await OpenAsync();
        var metadata = plane.Get<PackageMetadata>();
        var (first, second) = (await PutAsync(plane, "1.0.0"), await PutAsync(plane, "2.0.0"));
        metadata.TakeRoot(new RootRequest(Root(plane)));
        var list = List(plane, null, first);
        Assert.IsType<PackageEnding.Published>(await PublishAsync(plane, first, list));

        using var family = TufSigningKey.NewEcdsa();
        var whole = Family(plane, list, family.Public, _publisher, family);
        Assert.Contains("belongs to the family colours", Refusal(metadata.TakeLists(new ListsRequest(Only(Family(plane, list, family.Public, _publisher, family, moves: false), "targets")))), StringComparison.Ordinal);
        Assert.Contains("signed by 0 of the 1 keys", Refusal(metadata.TakeLists(new ListsRequest(Family(plane, list, family.Public, _stranger, family)))), StringComparison.Ordinal);
        var online = TufKey.FromJson(System.Text.Encoding.UTF8.GetBytes(metadata.Summarise().OnlineKey));
        Assert.Contains("stands on the server", Refusal(metadata.TakeLists(new ListsRequest(Family(plane, list, online, _publisher, family)))), StringComparison.Ordinal);
        Assert.Equal(list, metadata.InForce("targets"));
        Assert.Null(metadata.TakeLists(new ListsRequest(whole)));

        var summary = Assert.Single(metadata.Summarise().Families);
        Assert.Equal(("colours", 1, family.Id), (summary.Name, summary.Version, Assert.Single(summary.KeyIds)));
        Assert.Empty(TufTargetsDraft.Read(metadata.InForce("targets")!).Targets);
        Assert.Contains("belongs to the family colours", Refused(await PublishAsync(plane, second, List(plane, whole["targets"], second))), StringComparison.Ordinal);
        Assert.Contains("signed by 0 of the 1 keys", Refused(await PublishAsync(plane, second, List(plane, whole["colours"], second), "colours")), StringComparison.Ordinal);
        Assert.IsType<PackageEnding.Published>(await PublishAsync(plane, second, List(plane, whole["colours"], second, family), "colours"));
        Assert.Equal(2, TufTargetsDraft.Read(metadata.InForce("colours")!).Targets.Count);
    }

    [Fact]
    public async Task The_online_key_is_its_owners_alone_and_outlives_the_process()
    {
        string key;
        await using (var plane = await OpenAsync())
            key = plane.Get<PackageMetadata>().Summarise().OnlineKey;
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_folder["metadata.key"]));
        await using (var again = await OpenAsync())
            Assert.Equal(key, again.Get<PackageMetadata>().Summarise().OnlineKey);

        await File.WriteAllTextAsync(_folder["metadata.key"], "no key", Cancel);
        await using var damaged = await OpenAsync();
        Assert.Contains("metadata.key", Assert.Throws<InvalidOperationException>(damaged.Get<PackageMetadata>).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tickets_and_answers_pin_the_root_and_boards_get_metadata_and_the_root_by_its_hash()
    {
        await using var plane = await RunningControlPlane.StartAsync();
        Assert.Null((await plane.TicketAsync()).Root);
        var metadata = plane.Services.GetRequiredService<PackageMetadata>();
        var root = Root(metadata);
        Assert.Null(metadata.TakeRoot(new RootRequest(root)));
        Assert.Equal(Sha256Digest.Of(root), (await plane.TicketAsync()).Root);

        var board = await plane.EnrolAsync("board-1");
        Assert.Equal(Sha256Digest.Of(root), board.Answer.Root);
        using var http = plane.Devices(board.Certificate);
        Assert.Equal(root, await http.GetByteArrayAsync($"packages/{Sha256Digest.Of(root)}", Cancel));
        Assert.Equal(root, await http.GetByteArrayAsync("packages/metadata/1.root.json", Cancel));
        foreach (var name in new[] { "2.root.json", "timestamp.json", "..%2Fmetadata.key", "%2e%2e%2f%2e%2e%2fsigning.key" })
        {
            using var absent = await http.GetAsync($"packages/metadata/{name}", Cancel);
            Assert.Equal(HttpStatusCode.NotFound, absent.StatusCode);
        }
    }

    private Task<TestPlane> OpenAsync() => TestPlane.OpenAsync(_folder.Path, null, services =>
    {
        services.AddSingleton<IAuditLog, AuditLog>();
        services.AddModels(new ConfigurationBuilder().Build());
    });

    private byte[] Root(TestPlane plane) => Root(plane.Get<PackageMetadata>(), TestPlane.Start);

    private byte[] Root(PackageMetadata metadata, DateTimeOffset? now = null)
    {
        var online = TufKey.FromJson(System.Text.Encoding.UTF8.GetBytes(metadata.Summarise().OnlineKey));
        var root = TufRootDraft.New((now ?? TimeProvider.System.GetUtcNow()).AddYears(1));
        root.Trust(TufRoles.Root, _owner.Public);
        root.Trust(TufRoles.Targets, _publisher.Public);
        root.Trust(TufRoles.Snapshot, online);
        root.Trust(TufRoles.Timestamp, online);
        Assert.True(root.Sign(_owner));
        return root.ToBytes();
    }

    private byte[] List(TestPlane plane, byte[]? before, TestPackage package, TufSigningKey? key = null)
    {
        var ends = plane.Time.GetUtcNow().AddYears(1);
        var list = before is null ? TufTargetsDraft.New(ends) : TufTargetsDraft.Read(before).Next(ends);
        Assert.Null(PackageTargets.Add(list, package.Ref, package.Manifest.ReleaseFloor));
        list.Sign(key ?? _publisher);
        return list.ToBytes();
    }

    private static async Task<TestPackage> PutAsync(TestPlane plane, string version)
    {
        var package = TestPackage.Build(TestPackageSpec.Colours(version));
        foreach (var (digest, bytes) in package.ByDigest)
            Assert.IsType<FileEnding.Stored>(await plane.Get<PackageUploads>().PutAsync(digest, new MemoryStream(bytes), bytes.Length, Cancel));
        return package;
    }

    private static Task<PackageEnding> PublishAsync(TestPlane plane, TestPackage package, byte[]? targets = null, string? family = null) =>
        plane.Get<SignedPackages>().PublishAsync(new PublishRequest(package.Ref.Digest.Value, false, targets, family), Maria, Cancel);

    // The model of the tests as a family of its own, and both lists that say so.
    private static Dictionary<string, byte[]> Family(TestPlane plane, byte[] before, TufKey named, TufSigningKey publisher, TufSigningKey signs, bool moves = true)
    {
        var ends = plane.Time.GetUtcNow().AddYears(1);
        var (list, own) = (TufTargetsDraft.Read(before).Next(ends), TufTargetsDraft.New(ends));
        list.SetFamily(new TufFamily("colours", [named], 1, [PackageTargets.PathsOf("colours")]));
        foreach (var (path, target) in moves ? list.Targets : new Dictionary<string, TufTarget>())
            PackageTargets.Move(list, own, path, target);
        list.Sign(publisher);
        own.Sign(signs);
        return new() { ["targets"] = list.ToBytes(), ["colours"] = own.ToBytes() };
    }

    private static Dictionary<string, byte[]> Only(Dictionary<string, byte[]> lists, string role) => new() { [role] = lists[role] };

    private static string Refusal(string? refusal) => refusal ?? throw new InvalidOperationException("It was taken.");

    private static string Refused(PackageEnding ending) => Assert.IsType<PackageEnding.Refused>(ending).Reason;
}
