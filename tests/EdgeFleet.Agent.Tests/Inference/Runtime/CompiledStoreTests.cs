using EdgeFleet.Agent.Inference.Runtime;
using EdgeFleet.Agent.Updates;
using EdgeFleet.Shared.Files;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Testing;
using EdgeFleet.Testing.Packages;

namespace EdgeFleet.Agent.Tests.Inference.Runtime;

public sealed class CompiledStoreTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly HashSet<Sha256Digest> _models = [];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_a_cut_left_half_made_is_not_found_and_swept()
    {
        var (before, facts) = (Store(), Facts("a"));
        var room = before.RoomFor(facts);
        await File.WriteAllTextAsync(Path.Combine(room.Path, "graph"), "half", Cancel);
        before.Sweep();
        Assert.True(Directory.Exists(room.Path), "a room in use is left alone");

        // The power fails, and a new process begins.
        var after = Store();
        Assert.Null(await after.FindAsync(facts, Cancel));
        after.Sweep();

        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder["compiled"]));
    }

    [Fact]
    public async Task A_room_that_is_not_kept_leaves_nothing()
    {
        var store = Store();
        using (var room = store.RoomFor(Facts("a")))
            await File.WriteAllTextAsync(Path.Combine(room.Path, "graph"), "x", Cancel);

        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder["compiled"]));
    }

    [Fact]
    public async Task What_was_used_longest_ago_goes_when_the_bound_is_reached()
    {
        var store = Store(bytesMax: 1000);
        await KeepAsync(store, "old", 300);
        await KeepAsync(store, "used", 300);
        Age("old", 3);
        Age("used", 4);
        Assert.NotNull(await store.FindAsync(Facts("used"), Cancel));

        await KeepAsync(store, "new", 300);

        Assert.Null(await store.FindAsync(Facts("old"), Cancel));
        Assert.NotNull(await store.FindAsync(Facts("used"), Cancel));
        Assert.NotNull(await store.FindAsync(Facts("new"), Cancel));
    }

    [Fact]
    public async Task It_goes_with_its_package()
    {
        var packages = new ContentStore(_folder["packages"]);
        var (stays, goes) = (TestPackage.Build(TestPackageSpec.Colours("1.0.0")), TestPackage.Build(TestPackageSpec.Series()));
        stays.AddTo(packages);
        goes.AddTo(packages);
        var store = new CompiledStore(_folder["compiled"], packages.Has, 1 << 20);
        var (kept, gone) = (new CompiledFacts { Model = stays.Manifest.Variants[0].File.Digest, Runtime = "1", Provider = "cpu" }, new CompiledFacts { Model = goes.Manifest.Variants[0].File.Digest, Runtime = "1", Provider = "cpu" });
        await KeepAsync(store, kept, 10);
        await KeepAsync(store, gone, 10);

        new PackageShelf(packages, store).Sweep([stays.Ref], []);

        Assert.NotNull(await store.FindAsync(kept, Cancel));
        Assert.Null(await store.FindAsync(gone, Cancel));
    }

    [Fact]
    public async Task The_same_facts_kept_twice_are_kept_once()
    {
        var store = Store();
        using var first = store.RoomFor(Facts("a"));
        using var second = store.RoomFor(Facts("a"));
        foreach (var room in new[] { first, second })
        {
            await File.WriteAllTextAsync(Path.Combine(room.Path, "graph"), room.Path, Cancel);
            await room.KeepAsync(Cancel);
        }

        var found = (await store.FindAsync(Facts("a"), Cancel))!;
        Assert.Equal(second.Path, await File.ReadAllTextAsync(Path.Combine(found, "graph"), Cancel));
        Assert.Single(Directory.EnumerateFileSystemEntries(_folder["compiled"]));
    }

    [Fact]
    public void Facts_are_told_apart_whatever_stands_in_them()
    {
        var options = new Dictionary<string, string> { ["a"] = "1\noption b=1:2" };
        var more = new Dictionary<string, string> { ["a"] = "1", ["b"] = "2" };
        var turned = new Dictionary<string, string> { ["b"] = "2", ["a"] = "1" };

        Assert.NotEqual((Facts("m") with { Options = options }).Digest(), (Facts("m") with { Options = more }).Digest());
        Assert.Equal((Facts("m") with { Options = turned }).Digest(), (Facts("m") with { Options = more }).Digest());
        Assert.NotEqual((Facts("m") with { Provider = "cuda" }).Digest(), Facts("m").Digest());
        Assert.NotEqual((Facts("m") with { Runtime = "1.32" }).Digest(), Facts("m").Digest());
    }

    private static Task KeepAsync(CompiledStore store, string model, int bytes) => KeepAsync(store, Facts(model), bytes);

    private static async Task KeepAsync(CompiledStore store, CompiledFacts facts, int bytes)
    {
        using var room = store.RoomFor(facts);
        await File.WriteAllBytesAsync(Path.Combine(room.Path, "graph"), new byte[bytes], Cancel);
        await room.KeepAsync(Cancel);
    }

    private static CompiledFacts Facts(string model) => new() { Model = Sha256Digest.Of(System.Text.Encoding.UTF8.GetBytes(model)), Runtime = "1.31.1", Provider = "cpu" };

    private void Age(string model, int hours) =>
        Directory.SetLastWriteTimeUtc(_folder["compiled", Facts(model).FolderName()], TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(-hours));

    private CompiledStore Store(long bytesMax = 1 << 20)
    {
        _models.UnionWith(new[] { "a", "old", "used", "new" }.Select(m => Facts(m).Model));
        return new CompiledStore(_folder["compiled"], _models.Contains, bytesMax);
    }
}
