using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Trust.Tuf;
using EdgeFleet.Testing.Packages;

namespace EdgeFleet.Testing.Processes;

/// <summary>The people who sign: keys and roots in a folder of their own, all by the command line as it ships.</summary>
/// <param name="controlPlane">Their control plane.</param>
/// <param name="api">A client that is signed in.</param>
/// <param name="cancel">Ends what they do.</param>
public sealed class Publisher(ControlPlaneProcess controlPlane, FleetClient api, CancellationToken cancel) : IDisposable
{
    private readonly TempFolder _folder = new();
    private int _root;

    /// <summary>The key that signs packages now.</summary>
    public string Key { get; private set; } = "maria";

    /// <summary>Path of a file of theirs.</summary>
    public string this[string file] => _folder[file];

    /// <summary>Makes keys and the first root, and puts it into force.</summary>
    public async Task BeginAsync()
    {
        foreach (var name in new[] { "ana", "ben", "maria" })
            await LocalAsync("key", "make", _folder[name]);
        await OnServerAsync("key", "online", _folder["online.pub"]);
        await LocalAsync("key", "root", _folder["1.root.json"], "--root", _folder["ana.pub"], _folder["ben.pub"], "--threshold", "2", "--targets", _folder["maria.pub"], "--online", _folder["online.pub"]);
        _root = 1;
        await SignRootAsync("ana", "ben");
        await OnServerAsync("key", "publish", _folder["1.root.json"]);
    }

    /// <summary>Publishes a package under the publisher's signature.</summary>
    public Task PushAsync(TestPackage package, params string[] options) => PushByAsync(Key, package, options);

    /// <summary>Publishes a package under a key's signature.</summary>
    public async Task PushByAsync(string key, TestPackage package, params string[] options)
    {
        var folder = _folder[$"{package.Ref.Name}-{package.Ref.Version}"];
        package.WriteTo(folder);
        await OnServerAsync(["model", "push", folder, "--key", _folder[$"{key}.key"], .. options]);
    }

    /// <summary>Makes a key pair.</summary>
    public Task MakeKeyAsync(string name) => LocalAsync("key", "make", _folder[name]);

    /// <summary>Gives a family a key in the place of another, which is retired; signed by the publisher, and by the new key for the family's list.</summary>
    public Task FamilyAsync(string family, string comes, string? leaves = null)
    {
        string[] retired = leaves is null ? [] : ["--retire", IdOf(leaves)];
        return OnServerAsync(["key", "family", family, "--add", _folder[$"{comes}.pub"], .. retired, "--key", _folder[$"{Key}.key"], "--sign", _folder[$"{comes}.key"]]);
    }

    /// <summary>The next root: another publisher for the one before, whose list is signed anew.</summary>
    public async Task RotatePublisherAsync(string next)
    {
        await LocalAsync("key", "make", _folder[next]);
        await LocalAsync("key", "rotate", _folder[$"{_root}.root.json"], _folder[$"{_root + 1}.root.json"], "--role", "targets", "--add", _folder[$"{next}.pub"], "--retire", IdOf(Key));
        _root++;
        await SignRootAsync("ana", "ben");
        await OnServerAsync("key", "publish", _folder[$"{_root}.root.json"], "--key", _folder[$"{next}.key"], "--root", _folder[$"{_root - 1}.root.json"]);
        Key = next;
    }

    /// <summary>The next root: another owner for one of the two.</summary>
    public async Task RotateOwnerAsync(string leaves, string comes, string stays)
    {
        await LocalAsync("key", "make", _folder[comes]);
        await LocalAsync("key", "rotate", _folder[$"{_root}.root.json"], _folder[$"{_root + 1}.root.json"], "--role", "root", "--add", _folder[$"{comes}.pub"], "--retire", IdOf(leaves));
        _root++;
        await SignRootAsync(leaves, comes, stays);
        await OnServerAsync("key", "publish", _folder[$"{_root}.root.json"]);
    }

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();

    private async Task SignRootAsync(params string[] signers)
    {
        foreach (var name in signers)
        {
            string[] before = _root > 1 ? ["--before", _folder[$"{_root - 1}.root.json"]] : [];
            await LocalAsync(["key", "sign", _folder[$"{_root}.root.json"], "--key", _folder[$"{name}.key"], .. before]);
        }
    }

    private string IdOf(string name)
    {
        using var key = TufSigningKey.FromPem(File.ReadAllText(_folder[$"{name}.key"]));
        return key.Id;
    }

    private Task OnServerAsync(params string[] words) => LocalAsync([.. words, "--url", controlPlane.Url.ToString(), "--token", api.Token!, "--ca", controlPlane.CaFile]);

    private async Task LocalAsync(params string[] words)
    {
        var (code, _, all) = await LocalProcess.RunAsync([.. BuiltPrograms.Cli, .. words], TimeSpan.FromSeconds(60), cancel);
        if (code != 0)
            throw new InvalidOperationException($"edgefleet {string.Join(' ', words)} ended with {code}: {all}");
    }
}
