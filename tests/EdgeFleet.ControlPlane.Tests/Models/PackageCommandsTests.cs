using System.Text;
using System.Text.Json;
using EdgeFleet.ControlPlane.Access;
using EdgeFleet.ControlPlane.Models;
using EdgeFleet.ControlPlane.Tests.Data;
using EdgeFleet.ModelPrep.Packing;
using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Testing;
using EdgeFleet.Testing.Packages;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeFleet.ControlPlane.Tests.Models;

/// <summary>Packages are pushed and checked as they are in the field: real ONNX files, judged by the program's own child process.</summary>
public sealed class PackageCommandsTests : IAsyncDisposable
{
    private static readonly Person Maria = new("maria", Policies.Publisher);
    private static readonly Person Root = new("root", Policies.Admin);
    private static readonly TestPackageSpec Collapsed = TestPackageSpec.Colours("3.0.0", TinyModel.OfColours() with { Bias = [0, 100, 0] });

    private readonly string _folder = Directory.CreateTempSubdirectory("edgefleet-push-").FullName;
    private TestPlane? _plane;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_good_package_is_released_with_the_servers_own_verdict_on_each_variant()
    {
        var plane = await OpenAsync();
        var package = TestPackage.Build(TestPackageSpec.Colours());
        Assert.Equal(package.ByDigest.Count, plane.Get<PackageUploads>().Missing([.. package.ByDigest.Keys.Select(d => d.Value)]).Missing.Count);
        await PutAsync(plane, package);
        Assert.Empty(plane.Get<PackageUploads>().Missing([.. package.ByDigest.Keys.Select(d => d.Value)]).Missing);

        var published = Assert.IsType<PackageEnding.Published>(await PublishAsync(plane, package)).Package;
        Assert.Equal(("colours", "1.0.0", "released", null, "maria"), (published.Name, published.Version, published.State, published.Reason, published.PublishedBy));
        var variant = Assert.Single(published.Variants);
        Assert.Equal(("cpu-fp32", 1.0), (variant.Name, variant.Agreement));
        Assert.Equal(package.Ref.Digest.Value, published.Digest);
        Assert.Equal(package.Manifest.Name, (await plane.Get<PackageQueries>().FindAsync("colours", "1.0.0", Cancel))!.Manifest.Name);
        Assert.Equal("package.publish", Assert.Single(await plane.RowsAsync<AuditEntry>()).What);
    }

    [Fact]
    public async Task The_same_package_again_changes_nothing_and_other_content_under_its_version_is_refused()
    {
        var plane = await OpenAsync();
        var package = TestPackage.Build(TestPackageSpec.Colours());
        await PutAsync(plane, package);
        await PublishAsync(plane, package);
        Assert.IsType<PackageEnding.Already>(await PublishAsync(plane, package));

        var other = TestPackage.Build(TestPackageSpec.Colours() with { Budgets = new() { P95LatencyMs = 7, MemoryMb = 7 } });
        await PutAsync(plane, other);
        var taken = Assert.IsType<PackageEnding.Taken>(await PublishAsync(plane, other)).Reason;
        Assert.Contains("colours 1.0.0 was published", taken, StringComparison.Ordinal);
        Assert.Contains("new version", taken, StringComparison.Ordinal);
        Assert.Single(await plane.RowsAsync<PublishedPackage>());
    }

    [Fact]
    public async Task A_check_outlives_the_thread_that_began_it()
    {
        var plane = await OpenAsync();
        var package = TestPackage.Build(TestPackageSpec.Colours());
        await PutAsync(plane, package);
        var verdict = new TaskCompletionSource<Task<PackageVerdict>>();
        var thread = new Thread(() => verdict.SetResult(plane.Get<PackageCheck>().RunAsync(package.Ref.Digest, Cancel)));
        thread.Start();
        thread.Join();

        Assert.True((await await verdict.Task).Passed);
    }

    [Fact]
    public async Task A_collapsed_model_is_refused_with_what_it_answers()
    {
        var plane = await OpenAsync();
        var package = TestPackage.Build(Collapsed);
        await PutAsync(plane, package);
        var refused = Assert.IsType<PackageEnding.Refused>(await PublishAsync(plane, package)).Reason;
        Assert.Contains("cpu-fp32 answers 'green' for every item", refused, StringComparison.Ordinal);
        Assert.Empty(await plane.RowsAsync<PublishedPackage>());
    }

    [Theory]
    [InlineData("spots", "finds nothing in any item")]
    [InlineData("hum", "side of the threshold")]
    public async Task A_good_detector_or_anomaly_score_is_released_and_a_broken_one_refused(string name, string words)
    {
        var plane = await OpenAsync();
        TestPackageSpec Spec(string version, string served) => name == "spots" ? SamplePackages.Spots(version, served) : SamplePackages.Hum(version, served);
        var (good, broken) = (TestPackage.Build(Spec("1.0.0", "int8")), TestPackage.Build(Spec("2.0.0", "broken")));
        await PutAsync(plane, good);
        await PutAsync(plane, broken);

        Assert.Equal("released", Assert.IsType<PackageEnding.Published>(await PublishAsync(plane, good)).Package.State);
        Assert.Contains(words, Assert.IsType<PackageEnding.Refused>(await PublishAsync(plane, broken)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_admin_may_keep_a_failing_package_as_unproven_and_nobody_else()
    {
        var plane = await OpenAsync();
        var package = TestPackage.Build(Collapsed);
        await PutAsync(plane, package);
        Assert.IsType<PackageEnding.Forbidden>(await PublishAsync(plane, package, allowUnproven: true));

        var kept = Assert.IsType<PackageEnding.Published>(await PublishAsync(plane, package, Root, allowUnproven: true)).Package;
        Assert.Equal("unproven", kept.State);
        Assert.Contains("answers 'green' for every item", kept.Reason!, StringComparison.Ordinal);
        Assert.Equal("package.publish-unproven", Assert.Single(await plane.RowsAsync<AuditEntry>()).What);
    }

    [Fact]
    public async Task A_missing_file_is_named()
    {
        var plane = await OpenAsync();
        var package = TestPackage.Build(TestPackageSpec.Colours());
        await PutAsync(plane, package, but: package.Manifest.Reference.Digest);
        Assert.Contains("reference.json is missing here", Assert.IsType<PackageEnding.Refused>(await PublishAsync(plane, package)).Reason, StringComparison.Ordinal);

        var absent = await plane.Get<PackageCommands>().PublishAsync(new PublishRequest(Sha256Digest.Of("nothing"u8).Value), Maria, Cancel);
        Assert.Contains("Put it first", Assert.IsType<PackageEnding.Refused>(absent).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_changed_byte_is_refused_on_the_way_in_and_named_when_it_changed_on_the_disk()
    {
        var plane = await OpenAsync();
        var package = TestPackage.Build(TestPackageSpec.Colours());
        var model = package.Manifest.Variants[0].File;
        var changed = package.ByDigest[model.Digest].ToArray();
        changed[^1] ^= 1;
        var refused = Assert.IsType<FileEnding.Refused>(await PutAsync(plane, model.Digest, changed)).Reason;
        Assert.Contains($"not {model.Digest}", refused, StringComparison.Ordinal);
        Assert.False(plane.Get<PackageFiles>().Has(model.Digest));

        await PutAsync(plane, package);
        await File.WriteAllBytesAsync(plane.Get<PackageFiles>().PathOf(model.Digest), changed, Cancel);
        var named = Assert.IsType<PackageEnding.Refused>(await PublishAsync(plane, package, Root, allowUnproven: true)).Reason;
        Assert.Contains("variants/cpu-fp32.onnx", named, StringComparison.Ordinal);
        Assert.Contains("changed or damaged", named, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_manifest_of_an_unknown_format_is_named()
    {
        var plane = await OpenAsync();
        var package = TestPackage.Build(TestPackageSpec.Colours());
        var manifest = JsonSerializer.SerializeToUtf8Bytes(package.Manifest with { Format = 7 }, WireJson.Default.Manifest);
        await PutAsync(plane, Sha256Digest.Of(manifest), manifest);
        var refused = await plane.Get<PackageCommands>().PublishAsync(new PublishRequest(Sha256Digest.Of(manifest).Value), Maria, Cancel);
        Assert.Contains("has format 7", Assert.IsType<PackageEnding.Refused>(refused).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_that_the_runtime_refuses_fails_the_check_with_its_name()
    {
        var plane = await OpenAsync();
        var package = TestPackage.Build(TestPackageSpec.Colours() with { Variants = new Dictionary<string, byte[]> { ["cpu-int8"] = Encoding.ASCII.GetBytes("no model at all") } });
        await PutAsync(plane, package);
        Assert.Contains("cpu-int8", Assert.IsType<PackageEnding.Refused>(await PublishAsync(plane, package)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_that_hangs_is_ended_at_its_deadline()
    {
        var plane = await OpenAsync(("Packages:CheckSeconds", "8"));
        var package = TestPackage.Build(TestPackageSpec.Colours(served: TinyModel.OfColours() with { Rounds = 1_000_000_000 }));
        await PutAsync(plane, package);
        Assert.Contains("ended after 8 s", Assert.IsType<PackageEnding.Refused>(await PublishAsync(plane, package, Root, allowUnproven: true)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_that_eats_memory_is_refused_and_takes_nothing_else_with_it()
    {
        var plane = await OpenAsync(("Packages:CheckMemoryMb", "512"));
        var package = TestPackage.Build(TestPackageSpec.Colours(served: TinyModel.OfColours() with { AllocateMb = 1024 }));
        await PutAsync(plane, package);
        Assert.Contains("colours 1.0.0 is refused", Assert.IsType<PackageEnding.Refused>(await PublishAsync(plane, package)).Reason, StringComparison.Ordinal);

        var good = TestPackage.Build(TestPackageSpec.Colours("1.0.1"));
        await PutAsync(plane, good);
        Assert.IsType<PackageEnding.Published>(await PublishAsync(plane, good));
    }

    [Fact]
    public async Task A_file_over_the_limit_or_without_room_leaves_nothing_behind()
    {
        var plane = await OpenAsync(("Packages:FileBytesMax", "1000"));
        var bytes = new byte[1001];
        var digest = Sha256Digest.Of(bytes);
        Assert.IsType<FileEnding.TooLarge>(await plane.Get<PackageUploads>().PutAsync(digest, new MemoryStream(bytes), bytes.Length, Cancel));
        Assert.Contains("larger than 1000", Assert.IsType<FileEnding.Refused>(await plane.Get<PackageUploads>().PutAsync(digest, new MemoryStream(bytes), null, Cancel)).Reason, StringComparison.Ordinal);
        Assert.False(plane.Get<PackageFiles>().Has(digest));
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(_folder, "packages", "incoming")));
        Assert.NotNull(plane.Get<PackageUploads>().Missing(["ABC"]).Fault);
    }

    [Fact]
    public async Task The_real_coffee_models_are_told_apart()
    {
        Assert.SkipWhen(RealData.Folder is null, RealData.Absent);
        var plane = await OpenAsync();
        var good = TestPackage.Build(TestPackageSpec.Coffee("2.0.0", "float"));
        var bad = TestPackage.Build(TestPackageSpec.Coffee("3.0.0", "int8_collapsed"));
        await PutAsync(plane, good);
        await PutAsync(plane, bad);
        var refused = Assert.IsType<PackageEnding.Refused>(await PublishAsync(plane, bad)).Reason;
        Assert.Contains("coffee-leaf 3.0.0 is refused: cpu-int8 answers 'health' for every item", refused, StringComparison.Ordinal);
        Assert.Equal("released", Assert.IsType<PackageEnding.Published>(await PublishAsync(plane, good)).Package.State);
    }

    public async ValueTask DisposeAsync()
    {
        if (_plane is not null)
            await _plane.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<TestPlane> OpenAsync(params (string Key, string Value)[] settings) => _plane = await TestPlane.OpenAsync(_folder, null, services =>
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(s => s.Key, s => (string?)s.Value)).Build();
        services.AddSingleton<IAuditLog, AuditLog>();
        services.AddModels(configuration);
    });

    private static Task<PackageEnding> PublishAsync(TestPlane plane, TestPackage package, Person? who = null, bool allowUnproven = false) =>
        plane.Get<PackageCommands>().PublishAsync(new PublishRequest(package.Ref.Digest.Value, allowUnproven), who ?? Maria, Cancel);

    private static async Task PutAsync(TestPlane plane, TestPackage package, Sha256Digest? but = null)
    {
        foreach (var (digest, bytes) in package.ByDigest.Where(f => f.Key != but))
            Assert.IsType<FileEnding.Stored>(await PutAsync(plane, digest, bytes));
    }

    private static Task<FileEnding> PutAsync(TestPlane plane, Sha256Digest digest, byte[] bytes) =>
        plane.Get<PackageUploads>().PutAsync(digest, new MemoryStream(bytes), bytes.Length, Cancel);
}
