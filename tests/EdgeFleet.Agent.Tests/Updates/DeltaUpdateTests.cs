using EdgeFleet.Agent.Inference;
using EdgeFleet.Agent.Updates;
using EdgeFleet.Agent.Updates.Budget;
using EdgeFleet.ModelPrep.Deltas;
using EdgeFleet.Shared.Files;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Testing;
using EdgeFleet.Testing.Packages;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace EdgeFleet.Agent.Tests.Updates;

/// <summary>A board that has version 1 and is asked for version 2 by a real HTTP server, with deltas as the package server makes them.</summary>
public sealed class DeltaUpdateTests : IAsyncDisposable
{
    private static readonly TinyModel Large = TinyModel.OfColours() with { Ballast = (20_000, 1) };
    private static readonly TestPackage First = TestPackage.Build(TestPackageSpec.Colours("1.0.0", Large));
    private static readonly TestPackage Second = TestPackage.Build(TestPackageSpec.Colours("2.0.0", Large with { Gain = 21 }));
    private static readonly Sha256Digest Old = First.Manifest.Variants[0].File.Digest;
    private static readonly Sha256Digest New = Second.Manifest.Variants[0].File.Digest;
    private static readonly byte[] Delta = DeltaMaker.Make(First.ByDigest[Old], Second.ByDigest[New]);

    private readonly TempFolder _folder = new();
    private readonly RangeServer _server = new();
    private readonly HttpSource _source;
    private readonly ContentStore _store;
    private long _free = long.MaxValue / 2;
    private PackageDownloader _downloader;

    public DeltaUpdateTests()
    {
        (_store, _source) = (new ContentStore(_folder["packages"]), new HttpSource(_server.Address));
        _server.Serve(Second);
        _server.Serve(Old, New, Delta);
        foreach (var bytes in First.ByDigest.Values)
            _store.Add(bytes);
        _downloader = Start();
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_model_comes_as_a_delta_and_is_counted()
    {
        var done = Assert.IsType<DownloadEnd.Done>(await FetchAsync());

        Assert.Equal(Second.ByDigest[New], await File.ReadAllBytesAsync(_store.PathOf(New), Cancel));
        Assert.DoesNotContain(_server.Requests, r => r.File == New && r.Before is null);
        Assert.Equal(new DeltaUse { Built = 1, Bytes = Delta.Length, FileBytes = Second.ByDigest[New].Length }, done.Deltas);
        Assert.Empty(_store.Incoming());
    }

    [Fact]
    public async Task Without_an_earlier_version_or_by_the_settings_nobody_asks_for_one()
    {
        Assert.Null(Assert.IsType<DownloadEnd.Done>(await _downloader.FetchAsync(Second.Ref, [], _ => { }, () => { }, Cancel)).Deltas);
        _store.Remove(New);
        _downloader = Start(new UpdateOptions { Deltas = false, SpaceReserveMb = 0 });

        Assert.IsType<DownloadEnd.Done>(await FetchAsync());
        Assert.DoesNotContain(_server.Requests, r => r.Before is not null);
    }

    [Fact]
    public async Task Where_the_server_has_none_the_whole_file_comes_and_nothing_failed()
    {
        var done = Assert.IsType<DownloadEnd.Done>(await (await WithoutDeltaAsync()).FetchAsync(Second.Ref, [First.Ref], _ => { }, () => { }, Cancel));

        Assert.Equal((1, 0, 0), (done.Deltas!.Absent, done.Deltas.Failed, done.Deltas.Built));
        Assert.True(_store.Has(New));
    }

    [Fact]
    public async Task One_that_is_larger_than_a_day_s_data_comes_over_several_days_and_no_whole_file_comes_instead()
    {
        var third = TestPackage.Build(TestPackageSpec.Colours("3.0.0", Large with { Ballast = (20_000, 2) }));
        var wanted = third.Manifest.Variants[0].File.Digest;
        var delta = DeltaMaker.Make(First.ByDigest[Old], third.ByDigest[wanted]);
        _server.Serve(third);
        _server.Serve(Old, wanted, delta);
        var days = new FakeTimeProvider(new DateTimeOffset(2026, 11, 24, 8, 0, 0, TimeSpan.Zero));
        const long Day = 24 * 1024;
        var downloader = new PackageDownloader(new PackageShelf(_store), _source, BoardFacts.Read(), Options.Create(new UpdateOptions { SpaceReserveMb = 0 }), TimeProvider.System)
        {
            Budget = new DataBudget(
                new UpdateOptions { DayBudgetMb = Day / 1024.0 / 1024 }, new DataBudgetSurroundings(new EdgeFleet.Agent.Power.BoardRoot(_folder.Path), _folder.Path, days.GetUtcNow, days)),
        };

        var waits = 0;
        DownloadEnd end;
        while ((end = await downloader.FetchAsync(third.Ref, [First.Ref], _ => { }, () => { }, Cancel)) is DownloadEnd.Waits && waits++ < 20)
            days.Advance(TimeSpan.FromDays(1));

        var done = Assert.IsType<DownloadEnd.Done>(end);
        Assert.InRange(waits, (int)(delta.Length / Day), (int)(delta.Length / Day) + 2);
        Assert.Equal((1, 0, delta.Length), (done.Deltas!.Built, done.Deltas.Failed, done.Deltas.Bytes));
        Assert.DoesNotContain(_server.Requests, r => r.File == wanted && r.Before is null);
        Assert.Contains(_server.Requests, r => r is { Before: not null, From: > 0, To: not null });
    }

    [Theory]
    [MemberData(nameof(Broken))]
    public async Task One_that_makes_nothing_of_use_gives_way_to_the_whole_file_is_reported_and_not_asked_for_again(string what)
    {
        await FetchManifestAsync();
        _server.Serve(Old, New, Spoiled(what));

        var done = Assert.IsType<DownloadEnd.Done>(await FetchAsync());

        Assert.Equal((0, 1), (done.Deltas!.Built, done.Deltas.Failed));
        Assert.NotEmpty(done.Deltas.Reason!);
        Assert.Equal(Second.ByDigest[New], await File.ReadAllBytesAsync(_store.PathOf(New), Cancel));
        Assert.Empty(_store.Incoming());
        _store.Remove(New);
        Assert.IsType<DownloadEnd.Done>(await FetchAsync());
        Assert.Single(_server.Requests, r => r.Before is not null);
    }

    public static TheoryData<string> Broken => ["rubbish", "of another file", "to another file", "cut", "flipped"];

    [Fact]
    public async Task A_damaged_file_before_is_noticed_and_the_whole_file_comes()
    {
        var bytes = (byte[])First.ByDigest[Old].Clone();
        bytes[5000] ^= 1;
        await File.WriteAllBytesAsync(_store.PathOf(Old), bytes, Cancel);

        var done = Assert.IsType<DownloadEnd.Done>(await FetchAsync());

        Assert.Contains("is not the file", done.Deltas!.Reason, StringComparison.Ordinal);
        Assert.True(_store.Has(New));
    }

    [Fact]
    public async Task Where_whole_files_are_forbidden_a_failure_is_tried_again_and_goes_on_where_it_was_cut_off()
    {
        _downloader = Start(new UpdateOptions { WholeFiles = false, SpaceReserveMb = 0 });
        await FetchManifestAsync();
        _server.Order(new ServerFault(CutAfter: 60), new ServerFault(Status: 503, RetryAfter: 7));

        var cut = Assert.IsType<DownloadEnd.Failed>(await FetchAsync());
        Assert.False(cut.Final);
        Assert.Contains("Updates:WholeFiles", cut.Reason, StringComparison.Ordinal);
        Assert.Equal(60, _downloader.BytesHeld(Second.Ref) - HeldWhole());
        Assert.Equal(TimeSpan.FromSeconds(7), Assert.IsType<DownloadEnd.Failed>(await FetchAsync()).RetryAfter);

        _downloader = Start(new UpdateOptions { WholeFiles = false, SpaceReserveMb = 0 }); // Another boot.
        Assert.IsType<DownloadEnd.Done>(await FetchAsync());
        Assert.Equal([null, 60L, 60L], _server.Requests.Where(r => r.Before is not null).Select(r => r.From));
        Assert.DoesNotContain(_server.Requests, r => r.File == New && r.Before is null);
    }

    [Fact]
    public async Task Where_whole_files_are_forbidden_and_there_is_no_delta_the_download_ends_and_says_so()
    {
        var end = Assert.IsType<DownloadEnd.Failed>(await (await WithoutDeltaAsync(new UpdateOptions { WholeFiles = false, SpaceReserveMb = 0 })).FetchAsync(Second.Ref, [First.Ref], _ => { }, () => { }, Cancel));

        Assert.Equal((true, FailureKind.Local), (end.Final, end.Failure));
        Assert.Contains("no delta", end.Reason, StringComparison.Ordinal);
        Assert.False(_store.Has(New));
    }

    [Fact]
    public async Task A_delta_that_does_not_fit_the_disk_beside_the_file_it_makes_is_not_taken()
    {
        await FetchManifestAsync();
        _free = Second.ByDigest[New].Length + 50;

        var done = Assert.IsType<DownloadEnd.Done>(await FetchAsync());

        Assert.Contains("Free space", done.Deltas!.Reason, StringComparison.Ordinal);
        Assert.True(_store.Has(New));
    }

    [Fact]
    public async Task A_delta_that_was_there_before_the_power_went_is_not_fetched_again()
    {
        await FetchManifestAsync();
        await File.WriteAllBytesAsync($"{_store.IncomingPathOf(New)}.from-{Old}", Delta, Cancel);

        Assert.IsType<DownloadEnd.Done>(await FetchAsync());

        Assert.DoesNotContain(_server.Requests, r => r.File == New);
    }

    [Fact]
    public async Task Half_a_delta_stays_while_its_file_is_wanted_and_goes_with_it()
    {
        await FetchManifestAsync();
        await File.WriteAllBytesAsync($"{_store.IncomingPathOf(New)}.from-{Old}", Delta[..50], Cancel);
        var shelf = new PackageShelf(_store);

        shelf.Sweep([First.Ref], [Second.Ref]);
        Assert.Single(_store.Incoming());

        shelf.Sweep([First.Ref], []);
        Assert.Empty(_store.Incoming());
    }

    public async ValueTask DisposeAsync()
    {
        _source.Dispose();
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    private PackageDownloader Start(UpdateOptions? options = null) =>
        new(new PackageShelf(_store), _source, BoardFacts.Read(), Options.Create(options ?? new UpdateOptions { SpaceReserveMb = 0 }), TimeProvider.System) { FreeBytes = _ => _free };

    private Task<DownloadEnd> FetchAsync() => _downloader.FetchAsync(Second.Ref, [First.Ref], _ => { }, () => { }, Cancel);

    private Task FetchManifestAsync()
    {
        foreach (var (digest, bytes) in Second.ByDigest.Where(f => f.Key != New))
            Assert.Equal(digest, _store.Add(bytes));
        return Task.CompletedTask;
    }

    private static long HeldWhole() => Second.Ref.Size + Second.Manifest.Files.DistinctBy(f => f.Digest).Sum(f => f.Size);

    private async Task<PackageDownloader> WithoutDeltaAsync(UpdateOptions? options = null)
    {
        await FetchManifestAsync();
        _server.Order(new ServerFault(Status: 404));
        return Start(options);
    }

    private static byte[] Spoiled(string what) => what switch
    {
        "rubbish" => [.. Enumerable.Repeat((byte)7, 500)],
        "of another file" => DeltaMaker.Make([.. First.ByDigest[Old], 1], Second.ByDigest[New]),
        "to another file" => DeltaMaker.Make(First.ByDigest[Old], [.. Second.ByDigest[New].SkipLast(1), 1]),
        "cut" => Delta[..^1],
        _ => [.. Delta.Select((b, i) => i == Delta.Length - 8 ? (byte)(b ^ 0x10) : b)],
    };
}
