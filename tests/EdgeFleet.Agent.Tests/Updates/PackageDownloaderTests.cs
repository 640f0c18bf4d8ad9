using EdgeFleet.Agent.Inference;
using EdgeFleet.Agent.Updates;
using EdgeFleet.Shared.Files;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models;
using EdgeFleet.Testing;
using EdgeFleet.Testing.Packages;
using Microsoft.Extensions.Options;

namespace EdgeFleet.Agent.Tests.Updates;

public sealed class PackageDownloaderTests : IAsyncLifetime
{
    private static readonly UpdateOptions Quick = new() { StallSeconds = 1, AnswerSeconds = 2, SpaceReserveMb = 0 };

    private readonly TempFolder _folder = new();
    private readonly RangeServer _server = new();
    private readonly TestPackage _package = TestPackage.Build(TestPackageSpec.Colours());
    private readonly HttpSource _source;
    private ContentStore _store;
    private long _free = long.MaxValue / 2;

    public PackageDownloaderTests()
    {
        (_store, _source) = (new ContentStore(_folder["packages"]), new HttpSource(_server.Address));
        _server.Serve(_package);
    }

    private FileRef Model => _package.Manifest.Variants[0].File;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        _source.Dispose();
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Brings_manifest_model_and_files_and_nothing_else()
    {
        Assert.IsType<DownloadEnd.Done>(await FetchAsync());
        var wanted = _package.Manifest.Files.Append(Model).Select(f => f.Digest).Append(_package.Ref.Digest);
        Assert.Equal(wanted.Order(ByText), _store.All().Order(ByText));
        Assert.Empty(_store.Incoming());
    }

    [Fact]
    public async Task A_board_with_a_GPU_brings_the_variant_for_it_and_the_one_to_fall_back_to()
    {
        var onnx = TinyModel.OfColours();
        var many = TestPackage.Build(TestPackageSpec.Colours() with
        {
            Variants = new Dictionary<string, byte[]>
            {
                ["tensorrt-int8"] = (onnx with { Gain = 1 }).Build(), ["cuda-fp32"] = (onnx with { Gain = 2 }).Build(), ["cpu-int8"] = (onnx with { Gain = 3 }).Build(), ["cpu-fp32"] = (onnx with { Gain = 4 }).Build(),
            },
        });
        _server.Serve(many);
        var board = BoardFacts.Read() with { Providers = ["tensorrt", "cuda", "cpu"] };
        var downloader = new PackageDownloader(new PackageShelf(_store), _source, board, Options.Create(Quick), TimeProvider.System);

        Assert.IsType<DownloadEnd.Done>(await downloader.FetchAsync(many.Ref, _ => { }, () => { }, TestContext.Current.CancellationToken));

        Assert.Equal(["tensorrt-int8", "cpu-int8"], many.Manifest.Variants.Where(v => _store.Has(v.File.Digest)).Select(v => v.Name));
        Assert.Null(await new PackageVerifier(new PackageShelf(_store), board).VerifyAsync(many.Ref, "image", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Goes_on_where_an_earlier_boot_stopped()
    {
        await FetchManifestAsync();
        _server.Order(new ServerFault(CutAfter: 100));
        Assert.False(Failed(await FetchAsync()).Final);
        Assert.Equal(100, new FileInfo(_store.IncomingPathOf(Model.Digest)).Length);

        _store = new ContentStore(_folder["packages"]);
        Assert.IsType<DownloadEnd.Done>(await FetchAsync());
        Assert.Contains(_server.Requests, r => r.File == Model.Digest && r.From == 100);
    }

    [Fact]
    public async Task Takes_a_whole_file_in_place_of_the_range_it_asked_for()
    {
        await FetchManifestAsync();
        _server.Order(new ServerFault(CutAfter: 100), new ServerFault(IgnoreRange: true));
        await FetchAsync();
        Assert.IsType<DownloadEnd.Done>(await FetchAsync());
    }

    [Theory]
    [InlineData(10)]
    [InlineData(-10)]
    public async Task Fetches_a_file_anew_when_the_server_gives_another_range(int shift)
    {
        await FetchManifestAsync();
        _server.Order(new ServerFault(CutAfter: 100), new ServerFault(ShiftRange: shift));
        await FetchAsync();
        Assert.Contains("another range", Failed(await FetchAsync()).Reason, StringComparison.Ordinal);
        Assert.IsType<DownloadEnd.Done>(await FetchAsync());
    }

    [Fact]
    public async Task Deletes_a_file_that_came_wrong_and_fetches_it_anew()
    {
        await FetchManifestAsync();
        _server.Order(new ServerFault(Instead: new byte[Model.Size]));
        var failed = Failed(await FetchAsync());
        Assert.Equal((FailureKind.Local, false), (failed.Failure, failed.Final));
        Assert.Contains("came wrong", failed.Reason, StringComparison.Ordinal);
        Assert.False(_store.Has(Model.Digest));
        Assert.Empty(_store.Incoming());
        Assert.IsType<DownloadEnd.Done>(await FetchAsync());
    }

    [Fact]
    public async Task Takes_not_a_byte_more_than_the_size()
    {
        await FetchManifestAsync();
        _server.Order(new ServerFault(Instead: new byte[Model.Size + 5_000_000]));
        Assert.Contains("more of", Failed(await FetchAsync()).Reason, StringComparison.Ordinal);
        Assert.Empty(_store.Incoming());
    }

    [Theory]
    [InlineData(404, FailureKind.Deterministic, true)]
    [InlineData(410, FailureKind.Deterministic, true)]
    [InlineData(403, FailureKind.Local, true)]
    [InlineData(400, FailureKind.Local, true)]
    [InlineData(429, FailureKind.Local, false)]
    [InlineData(302, FailureKind.Local, false)]
    [InlineData(500, FailureKind.Local, false)]
    [InlineData(503, FailureKind.Local, false)]
    public async Task Takes_the_server_s_refusals_for_what_they_are(int status, FailureKind kind, bool final)
    {
        _server.Order(new ServerFault(Status: status, RetryAfter: 7));
        var failed = Failed(await FetchAsync());
        Assert.Equal((kind, final), (failed.Failure, failed.Final));
        if (!final)
            Assert.IsType<DownloadEnd.Done>(await FetchAsync());
    }

    [Fact]
    public async Task Hears_how_long_the_server_wants_it_to_wait()
    {
        _server.Order(new ServerFault(Status: 503, RetryAfter: 7));
        Assert.Equal(TimeSpan.FromSeconds(7), Failed(await FetchAsync()).RetryAfter);
    }

    [Fact]
    public async Task Ends_a_read_that_stalls_and_keeps_what_came()
    {
        await FetchManifestAsync();
        _server.Order(new ServerFault(StallAfter: 100));
        Assert.Contains("sent nothing", Failed(await FetchAsync()).Reason, StringComparison.Ordinal);
        Assert.Equal(100, new FileInfo(_store.IncomingPathOf(Model.Digest)).Length);
        Assert.IsType<DownloadEnd.Done>(await FetchAsync());
    }

    [Fact]
    public async Task A_server_that_is_away_is_tried_again()
    {
        await _server.DisposeAsync();
        var failed = Failed(await FetchAsync());
        Assert.Equal((FailureKind.Local, false), (failed.Failure, failed.Final));
    }

    [Fact]
    public async Task A_disk_too_full_is_said_before_a_byte_is_fetched_and_room_is_made_first()
    {
        await FetchManifestAsync();
        _free = 10;
        var swept = 0;
        var failed = Failed(await Downloader().FetchAsync(_package.Ref, _ => { }, () => swept++, Cancel));
        Assert.Contains("Free space below", failed.Reason, StringComparison.Ordinal);
        Assert.Equal((FailureKind.Local, false, 1), (failed.Failure, failed.Final, swept));
        Assert.DoesNotContain(_server.Requests, r => r.File == Model.Digest);
        Assert.IsType<DownloadEnd.Done>(await Downloader().FetchAsync(_package.Ref, _ => { }, () => _free = long.MaxValue / 2, Cancel));
    }

    [Fact]
    public async Task A_damaged_file_on_disk_is_fetched_anew()
    {
        await FetchAsync();
        File.WriteAllBytes(_store.PathOf(Model.Digest), new byte[Model.Size]);
        Assert.IsType<DownloadEnd.Done>(await FetchAsync());
        Assert.Equal(Model.Digest, await Sha256Digest.OfFileAsync(_store.PathOf(Model.Digest), Cancel));
    }

    [Fact]
    public async Task Progress_grows_to_one()
    {
        var seen = new List<double>();
        await Downloader().FetchAsync(_package.Ref, seen.Add, () => { }, Cancel);
        Assert.Equal(seen.Order(), seen);
        Assert.Equal(1, seen[^1]);
    }

    [Fact]
    public void Waits_double_up_to_the_cap_and_scatter()
    {
        var options = new UpdateOptions { BackoffSecondsFirst = 4, BackoffSecondsMax = 60 };
        Assert.Equal([0, 4, 8, 16, 32, 60, 60], Enumerable.Range(1, 7).Select(a => DownloadPolicy.Backoff(a, null, options, 1).TotalSeconds));
        Assert.Equal(2, DownloadPolicy.Backoff(2, null, options, 0).TotalSeconds);
        Assert.Equal(30, DownloadPolicy.Backoff(2, TimeSpan.FromSeconds(30), options, 1).TotalSeconds);
        Assert.Equal(60, DownloadPolicy.Backoff(2, TimeSpan.FromDays(9), options, 1).TotalSeconds);
    }

    private static IComparer<Sha256Digest> ByText => Comparer<Sha256Digest>.Create((a, b) => string.CompareOrdinal(a.Value, b.Value));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static DownloadEnd.Failed Failed(DownloadEnd end) => Assert.IsType<DownloadEnd.Failed>(end);

    private Task<DownloadEnd> FetchAsync() => Downloader().FetchAsync(_package.Ref, _ => { }, () => { }, Cancel);

    private async Task FetchManifestAsync() => await _store.AddAsync(_package.Ref.Digest, new MemoryStream(_package.ManifestBytes), 1_000_000, Cancel);

    private PackageDownloader Downloader() =>
        new(new PackageShelf(_store), _source, BoardFacts.Read(), Options.Create(Quick), TimeProvider.System) { FreeBytes = _ => _free };
}
