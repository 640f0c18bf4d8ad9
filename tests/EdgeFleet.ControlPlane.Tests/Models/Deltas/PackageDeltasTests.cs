using EdgeFleet.ControlPlane.Access;
using EdgeFleet.ControlPlane.Data;
using EdgeFleet.ControlPlane.Models;
using EdgeFleet.ControlPlane.Models.Deltas;
using EdgeFleet.ControlPlane.Tests.Data;
using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Deltas;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Testing;
using EdgeFleet.Testing.Packages;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeFleet.ControlPlane.Tests.Models.Deltas;

/// <summary>Deltas as boards ask for them, made by the program's own child process between packages that were pushed.</summary>
public sealed class PackageDeltasTests : IAsyncDisposable
{
    private static readonly Person Maria = new("maria", Policies.Publisher);
    private static readonly TinyModel Large = TinyModel.OfColours() with { Ballast = (50_000, 1) };
    private static readonly TestPackage First = TestPackage.Build(TestPackageSpec.Colours("1.0.0", Large));
    private static readonly TestPackage Second = TestPackage.Build(TestPackageSpec.Colours("2.0.0", Large with { Gain = 21 }));
    private static readonly TestPackage Unlike = TestPackage.Build(TestPackageSpec.Colours("3.0.0", Large with { Ballast = (50_000, 2) }));
    private static readonly DeltaPair Pair = new(ModelOf(First), ModelOf(Second));

    private readonly TempFolder _folder = new();
    private TestPlane? _plane;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_delta_between_two_versions_is_small_gives_the_file_and_is_made_once_for_all_who_ask()
    {
        var plane = await OpenAsync();
        await PublishAsync(plane, First, Second);

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => plane.Get<PackageDeltas>().AskAsync(Pair, Cancel)));

        var path = Assert.Single(answers.Select(a => Assert.IsType<DeltaEnding.Ready>(a).Path).Distinct());
        Assert.InRange(new FileInfo(path).Length, 1, 1000);
        await using var after = await DeltaStream.OpenAsync(plane.Get<PackageFiles>().PathOf(Pair.From), path, DeltaHeader.FileBytesMax, Cancel);
        using var made = new MemoryStream();
        await after.CopyToAsync(made, Cancel);
        Assert.Equal(Pair.To, Sha256Digest.Of(made.ToArray()));
        Assert.Equal([Path.GetFileName(path)], Directory.GetFiles(plane.Get<DataFolder>().PathOf("deltas")).Select(Path.GetFileName));
    }

    [Fact]
    public async Task There_is_none_where_it_would_be_no_smaller_and_that_is_remembered()
    {
        var plane = await OpenAsync();
        await PublishAsync(plane, First, Unlike);
        var noise = new DeltaPair(ModelOf(First), ModelOf(Unlike));

        Assert.IsType<DeltaEnding.None>(await plane.Get<PackageDeltas>().AskAsync(noise, Cancel));

        Assert.IsType<DeltaEnding.None>(plane.Get<DeltaStore>().Find(noise));
    }

    [Fact]
    public async Task Only_the_same_part_of_two_versions_of_one_package_is_asked_for()
    {
        var plane = await OpenAsync();
        var other = TestPackage.Build(TestPackageSpec.Colours("1.0.0", Large with { Gain = 22 }) with { Name = "other" });
        await PublishAsync(plane, First, other);
        await PutAsync(plane, Second); // Put, not published.

        foreach (var pair in (DeltaPair[])[Pair, new(Pair.From, Pair.From), new(ModelOf(other), Pair.From), new(Sha256Digest.Of([1]), Pair.From), new(Pair.From, Sha256Digest.Of([1]))])
            Assert.IsType<DeltaEnding.None>(await plane.Get<PackageDeltas>().AskAsync(pair, Cancel));
    }

    [Fact]
    public async Task What_cannot_be_made_is_none_until_the_next_start()
    {
        var plane = await OpenAsync();
        await PublishAsync(plane, First, Second);
        var inTheWay = Directory.CreateDirectory(plane.Get<DeltaStore>().UnfinishedPathOf(Pair));

        Assert.IsType<DeltaEnding.None>(await plane.Get<PackageDeltas>().AskAsync(Pair, Cancel));

        inTheWay.Delete();
        Assert.IsType<DeltaEnding.None>(await plane.Get<PackageDeltas>().AskAsync(Pair, Cancel));
        Assert.Empty(Directory.GetFiles(plane.Get<DataFolder>().PathOf("deltas")));
    }

    [Fact]
    public async Task A_board_is_not_kept_waiting_beyond_the_bound_and_gets_it_later()
    {
        var plane = await OpenAsync(("Deltas:WaitSeconds", "0"));
        await PublishAsync(plane, First, Second);

        var first = await plane.Get<PackageDeltas>().AskAsync(Pair, Cancel);

        Assert.True(first is DeltaEnding.Later or DeltaEnding.Ready);
        Assert.IsType<DeltaEnding.Ready>(await plane.Get<PackageDeltas>().MadeAsync(Pair));
    }

    [Fact]
    public async Task The_store_keeps_to_its_bound_and_drops_what_was_asked_for_longest_ago()
    {
        var plane = await OpenAsync(("Deltas:StoreMbMax", "1"));
        var store = plane.Get<DeltaStore>();
        var pairs = Enumerable.Range(0, 3).Select(i => new DeltaPair(Sha256Digest.Of([(byte)i]), Pair.To)).ToList();
        foreach (var pair in pairs)
        {
            await File.WriteAllBytesAsync(store.UnfinishedPathOf(pair), new byte[500_000], Cancel);
            plane.Time.Advance(TimeSpan.FromMinutes(1));
            store.Keep(pair, isWorthIt: true);
            plane.Time.Advance(TimeSpan.FromMinutes(1));
            store.Find(pairs[0]);
        }

        Assert.Equal([true, false, true], pairs.Select(p => store.Find(p) is DeltaEnding.Ready));
    }

    public async ValueTask DisposeAsync()
    {
        if (_plane is not null)
            await _plane.DisposeAsync();
        _folder.Dispose();
    }

    private static Sha256Digest ModelOf(TestPackage package) => package.Manifest.Variants[0].File.Digest;

    private async Task<TestPlane> OpenAsync(params (string Key, string Value)[] settings) => _plane = await TestPlane.OpenAsync(_folder.Path, null, services =>
    {
        services.AddSingleton<IAuditLog, AuditLog>();
        services.AddModels(new ConfigurationBuilder().AddInMemoryCollection(settings.Append(("Deltas:WaitSeconds", "25")).DistinctBy(s => s.Item1).ToDictionary(s => s.Item1, s => (string?)s.Item2)).Build());
    });

    private static async Task PublishAsync(TestPlane plane, params TestPackage[] packages)
    {
        foreach (var package in packages)
        {
            await PutAsync(plane, package);
            Assert.IsType<PackageEnding.Published>(await plane.Get<PackageCommands>().PublishAsync(new PublishRequest(package.Ref.Digest.Value, false), Maria, Cancel));
        }
    }

    private static async Task PutAsync(TestPlane plane, TestPackage package)
    {
        foreach (var (digest, bytes) in package.ByDigest)
            await plane.Get<PackageUploads>().PutAsync(digest, new MemoryStream(bytes), bytes.Length, Cancel);
    }
}
