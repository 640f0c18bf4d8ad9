using EdgeFleet.Agent.Enrolment;
using EdgeFleet.Agent.Updates;
using EdgeFleet.Agent.Updates.Trust;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Trust.Tuf;
using EdgeFleet.Testing;
using EdgeFleet.Testing.Tuf;
using Microsoft.Extensions.Time.Testing;

namespace EdgeFleet.Agent.Tests.Updates.Trust;

/// <summary>What a board takes from a repository that is sound, old, frozen, mixed or forged. Real keys and a real folder; only the wire is left out.</summary>
public sealed class PackageTrustTests : IDisposable
{
    private static readonly DateTimeOffset Start = TrustedTime.Released.AddYears(1);
    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _time = new(Start);
    private readonly SignedRepository _repository = new(Start);
    private readonly Source _source;

    public PackageTrustTests() => _source = new Source(_repository) { Anchor = _repository.Anchor };

    public void Dispose()
    {
        _repository.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_package_that_the_publisher_listed_is_taken_and_an_older_one_too_while_no_floor_forbids_it()
    {
        _repository.Publish(Package("1.0.0"));
        _repository.Publish(Package("2.0.0"));
        Assert.Null(await CheckAsync(Package("2.0.0")));
        Assert.Null(await CheckAsync(Package("1.0.0")));
        _repository.Publish(Package("3.0.0"), floor: "2.0.0");
        Assert.Null(await CheckAsync(Package("2.0.0")));
        Refused(await CheckAsync(Package("1.0.0")), "below the release floor of leaf, which is 2.0.0");
    }

    [Fact]
    public async Task A_package_that_is_listed_nowhere_or_with_other_content_is_refused()
    {
        _repository.Publish(Package("1.0.0"));
        Refused(await CheckAsync(Package("1.1.0")), "on no list that the publishers signed");
        Refused(await CheckAsync(Package("1.0.0", "other")), "signed another one");
        Refused(await CheckAsync(Package("1.0.0") with { Size = 99 }), "signed another one");
    }

    [Fact]
    public async Task A_list_by_another_key_is_refused_although_the_online_key_signed_around_it()
    {
        _repository.Publish(Package("1.0.0"));
        Assert.Null(await CheckAsync(Package("1.0.0")));
        _source.Serves = Forged(lists: 2);
        Refused(await CheckAsync(Package("6.6.6")), "signed by 0 of the 1 keys");
    }

    [Fact]
    public async Task An_older_state_is_refused_after_a_newer_one_was_seen()
    {
        _repository.Publish(Package("1.0.0"));
        var old = _repository.Copy();
        _repository.Publish(Package("2.0.0"), floor: "2.0.0");
        Assert.Null(await CheckAsync(Package("2.0.0")));
        _source.Serves = old;
        Refused(await CheckAsync(Package("1.0.0")), "came after");
    }

    [Fact]
    public async Task An_older_list_under_a_new_timestamp_is_refused()
    {
        _repository.Publish(Package("1.0.0"));
        var old = _repository.Copy();
        _repository.Publish(Package("2.0.0"), floor: "2.0.0");
        Assert.Null(await CheckAsync(Package("2.0.0")));

        // A thief with the online key alone signs newer snapshots that name the first list again.
        using var thief = new TempFolder();
        foreach (var name in new[] { "1.root.json", "1.targets.json", "1.snapshot.json", "timestamp.json" })
            await File.WriteAllBytesAsync(thief[name], old[name], TestContext.Current.CancellationToken);
        var later = new TufPublisher(thief.Path, _repository.Online, new TufLives(TimeSpan.FromDays(30), TimeSpan.FromDays(7)));
        foreach (var days in new[] { 40, 80, 120 })
            Assert.True(later.KeepFresh(Start.AddDays(days)));
        _source.Serves = Directory.EnumerateFiles(thief.Path).ToDictionary(f => Path.GetFileName(f), File.ReadAllBytes);
        Refused(await CheckAsync(Package("1.0.0")), "lists version 1 of 'targets.json' after 2");
    }

    [Fact]
    public async Task A_frozen_repository_lets_the_package_wait_and_a_fresh_one_ends_the_wait()
    {
        _repository.Publish(Package("1.0.0"));
        _time.Advance(TimeSpan.FromDays(8));
        var frozen = await CheckAsync(Package("1.0.0"));
        Assert.Equal((FailureKind.Local, false), (frozen!.Failure, frozen.Final));
        Assert.Contains("held back", frozen.Reason, StringComparison.Ordinal);

        Assert.True(_repository.Open.KeepFresh(Start.AddDays(8)));
        Assert.Null(await CheckAsync(Package("1.0.0")));
    }

    [Fact]
    public async Task A_board_that_was_away_follows_every_root_since_its_own()
    {
        _repository.Publish(Package("1.0.0"));
        Assert.Null(await CheckAsync(Package("1.0.0")));
        var (first, second) = (_repository.Publisher, _repository.NewKey());
        var root = _repository.RootInForce().Next(Start.AddYears(2));
        root.Trust(TufRoles.Targets, second.Public);
        root.Retire(TufRoles.Targets, first.Id);
        var list = _repository.NextList();
        list.Sign(second);
        _repository.Open.TakeRoot(_repository.SignedRoot(root), list.ToBytes(), Start);
        _repository.Publisher = second;
        _repository.Open.TakeRoot(_repository.SignedRoot(_repository.RootInForce().Next(Start.AddYears(3))), null, Start);
        _repository.Publish(Package("2.0.0"));

        Assert.Null(await CheckAsync(Package("2.0.0")));
        Assert.Equal(3, TufRootDraft.Read(await File.ReadAllBytesAsync(Path.Combine(StoreFolder, "root.json"), TestContext.Current.CancellationToken)).Version);
    }

    [Fact]
    public async Task Only_the_root_that_was_pinned_begins_the_trust_and_a_damaged_disk_begins_it_anew()
    {
        _repository.Publish(Package("1.0.0"));
        _source.Root = _repository.SignedRoot(_repository.FirstDraft(_repository.NewKey()));
        Refused(await CheckAsync(Package("1.0.0")), "is not the root");
        Assert.False(Directory.Exists(StoreFolder));

        _source.Root = _repository.FirstRoot;
        Assert.Null(await CheckAsync(Package("1.0.0")));
        await File.WriteAllBytesAsync(Path.Combine(StoreFolder, "root.json"), new byte[100], TestContext.Current.CancellationToken);
        Assert.Null(await CheckAsync(Package("1.0.0")));
    }

    [Fact]
    public async Task A_silent_server_lets_the_package_wait_and_without_an_anchor_nothing_is_asked()
    {
        _source.Fails = new HttpRequestException("no route");
        var waits = await CheckAsync(Package("1.0.0"));
        Assert.Equal((FailureKind.Local, false), (waits!.Failure, waits.Final));
        Assert.Contains("no route", waits.Reason, StringComparison.Ordinal);

        _source.Anchor = null;
        Assert.Null(await CheckAsync(Package("1.0.0")));
    }

    private string StoreFolder => _folder["trust", _repository.Anchor.Value[..16]];

    private Task<DownloadEnd.Failed?> CheckAsync(PackageRef package) =>
        new PackageTrust(_folder.Path, _source, new TrustedTime(_folder.Path, _time)).CheckAsync(package, TestContext.Current.CancellationToken);

    // What a thief with the online key makes: a repository of the same shape, whose lists his own key signs.
    private Dictionary<string, byte[]> Forged(int lists)
    {
        using var folder = new TempFolder();
        var thief = _repository.NewKey();
        var forged = new TufPublisher(folder.Path, _repository.Online, new TufLives(TimeSpan.FromDays(30), TimeSpan.FromDays(7)));
        forged.TakeRoot(_repository.SignedRoot(_repository.FirstDraft(thief)), null, Start);
        var list = TufTargetsDraft.New(Start.AddYears(1));
        for (var i = 1; i <= lists; i++)
        {
            list.Set("leaf/6.6.6/manifest.json", Package("6.6.6").Size, Package("6.6.6").Digest.Value);
            list.Sign(thief);
            forged.TakeTargets(list.ToBytes(), Start);
            list = list.Next(Start.AddYears(1));
        }

        return Directory.EnumerateFiles(folder.Path).ToDictionary(f => Path.GetFileName(f), File.ReadAllBytes);
    }

    private static PackageRef Package(string version, string content = "manifest") => new()
    {
        Name = "leaf", Version = version, Digest = Sha256Digest.Of(System.Text.Encoding.UTF8.GetBytes(content + version)), Size = 20,
    };

    private static void Refused(DownloadEnd.Failed? end, string words)
    {
        Assert.NotNull(end);
        Assert.Equal((FailureKind.Deterministic, true), (end.Failure, end.Final));
        Assert.Contains(words, end.Reason, StringComparison.Ordinal);
    }

    private sealed class Source(SignedRepository repository) : ISignedMetadata
    {
        public Sha256Digest? Anchor { get; set; }

        public byte[] Root { get; set; } = repository.FirstRoot;

        public HttpRequestException? Fails { get; set; }

        /// <summary>What is served in the repository's place.</summary>
        public IReadOnlyDictionary<string, byte[]>? Serves { get; set; }

        public Task<byte[]?> GetAsync(string path, long bytesMax, CancellationToken cancel)
        {
            if (Fails is { } failure)
                throw failure;
            var name = path.Split('/')[^1];
            var bytes = !path.StartsWith("metadata/", StringComparison.Ordinal) ? Root : Serves is { } serves ? serves.GetValueOrDefault(name) : repository.Open.File(name);
            return Task.FromResult(bytes);
        }
    }
}
