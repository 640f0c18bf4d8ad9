using EdgeFleet.Shared.Trust.Tuf;
using EdgeFleet.Testing;
using EdgeFleet.Testing.Processes;

namespace EdgeFleet.ControlPlane.Tests.Models;

/// <summary>Keys and roots as the command line makes them: a stick for each person, and one root that goes from stick to stick.</summary>
public sealed class KeyCommandTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Two_of_three_sign_the_first_root_and_the_next_one_and_a_client_follows()
    {
        foreach (var name in (string[])["ana", "ben", "cora", "dan"])
            await RunAsync(0, "key", "make", _folder[name], "--kind", name == "ben" ? "ed25519" : "p256");
        await RunAsync(0, "key", "make", _folder["publisher"]);
        await RunAsync(0, "key", "make", _folder["online"]);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_folder["ana.key"]));
        Assert.Contains("already", await RunAsync(2, "key", "make", _folder["ana"]), StringComparison.Ordinal);

        await RunAsync(0, "key", "root", _folder["1.root.json"], "--root", _folder["ana.pub"], _folder["ben.pub"], _folder["cora.pub"], "--threshold", "2", "--targets", _folder["publisher.pub"], "--online", _folder["online.pub"]);
        Assert.Contains("1 by its own", await RunAsync(0, "key", "sign", _folder["1.root.json"], "--key", _folder["ana.key"]), StringComparison.Ordinal);
        Assert.Contains("whole", await RunAsync(0, "key", "sign", _folder["1.root.json"], "--key", _folder["ben.key"]), StringComparison.Ordinal);
        Assert.Contains("no root key", await RunAsync(2, "key", "sign", _folder["1.root.json"], "--key", _folder["online.key"]), StringComparison.Ordinal);

        // Ana leaves, and Dan comes.
        using var ana = TufSigningKey.FromPem(await File.ReadAllTextAsync(_folder["ana.key"]));
        await RunAsync(0, "key", "rotate", _folder["1.root.json"], _folder["2.root.json"], "--role", "root", "--add", _folder["dan.pub"], "--retire", ana.Id[..8]);
        Assert.Contains("--before", await RunAsync(2, "key", "sign", _folder["2.root.json"], "--key", _folder["ben.key"]), StringComparison.Ordinal);
        await RunAsync(0, "key", "sign", _folder["2.root.json"], "--key", _folder["ben.key"], "--before", _folder["1.root.json"]);
        Assert.Contains("whole", await RunAsync(0, "key", "sign", _folder["2.root.json"], "--key", _folder["cora.key"], "--before", _folder["1.root.json"]), StringComparison.Ordinal);

        // The client takes both roots, and then misses what only the server makes.
        var store = new TufStore(_folder["metadata"]);
        store.Begin(await File.ReadAllBytesAsync(_folder["1.root.json"]));
        Task<byte[]?> Fetch(string path, long bytesMax, CancellationToken cancel) => Task.FromResult(File.Exists(_folder[path]) ? File.ReadAllBytes(_folder[path]) : null);
        var missing = await Assert.ThrowsAsync<TufException>(() => new TufClient(store, new TufRepository(Fetch, Fetch)).RefreshAsync(TimeProvider.System.GetUtcNow()));
        Assert.Equal(("timestamp", TufFault.Missing), (missing.Role, missing.Fault));
        Assert.Equal(await File.ReadAllBytesAsync(_folder["2.root.json"]), await File.ReadAllBytesAsync(_folder["metadata", "root.json"]));
    }

    [Fact]
    public async Task A_key_that_is_needed_is_not_retired()
    {
        await RunAsync(0, "key", "make", _folder["owner"]);
        await RunAsync(0, "key", "make", _folder["online"]);
        await RunAsync(0, "key", "root", _folder["1.root.json"], "--root", _folder["owner.pub"], "--targets", _folder["owner.pub"], "--online", _folder["online.pub"]);
        using var owner = TufSigningKey.FromPem(await File.ReadAllTextAsync(_folder["owner.key"]));
        Assert.Contains("root has 0 key(s)", await RunAsync(2, "key", "retire", _folder["1.root.json"], _folder["2.root.json"], owner.Id[..8]), StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["2.root.json"]));
        Assert.Contains("server", await RunAsync(2, "key", "root", _folder["x.json"], "--root", _folder["owner.pub"], "--targets", _folder["owner.pub"], "--online", _folder["owner.pub"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_with_a_passphrase_signs_only_with_it()
    {
        var right = new Dictionary<string, string> { ["EDGEFLEET_KEY_PASSPHRASE"] = "correct horse" };
        await RunAsync(0, right, "key", "make", _folder["owner"], "--passphrase");
        Assert.Contains("ENCRYPTED", await File.ReadAllTextAsync(_folder["owner.key"]), StringComparison.Ordinal);
        Assert.Contains(TufKey.FromJson(await File.ReadAllBytesAsync(_folder["owner.pub"])).NewId(), await RunAsync(0, right, "key", "show", _folder["owner.key"]), StringComparison.Ordinal);
        Assert.Contains("does not open", await RunAsync(2, new Dictionary<string, string> { ["EDGEFLEET_KEY_PASSPHRASE"] = "wrong" }, "key", "show", _folder["owner.key"]), StringComparison.Ordinal);
        Assert.Contains("p256", await RunAsync(2, right, "key", "make", _folder["other"], "--passphrase", "--kind", "ed25519"), StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["other.pub"]));
    }

    private static Task<string> RunAsync(int expected, params string[] words) => RunAsync(expected, new Dictionary<string, string>(), words);

    private static async Task<string> RunAsync(int expected, IReadOnlyDictionary<string, string> environment, params string[] words)
    {
        var (code, _, all) = await LocalProcess.RunAsync([.. BuiltPrograms.Cli, .. words], TimeSpan.FromSeconds(60), CancellationToken.None, environment);
        Assert.True(code == expected, all);
        return all;
    }
}
