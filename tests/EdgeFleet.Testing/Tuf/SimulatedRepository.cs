using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeFleet.Shared.Trust.Tuf;

namespace EdgeFleet.Testing.Tuf;

/// <summary>A document that a client asked for.</summary>
/// <param name="Role">Role, escaped as it was asked.</param>
/// <param name="Version">Version; null where none was asked.</param>
public sealed record MetadataRequest(string Role, int? Version);

/// <summary>A file that a client asked for.</summary>
/// <param name="Path">Its path.</param>
/// <param name="Hash">Hash before its name; null where none was asked.</param>
public sealed record ArtifactRequest(string Path, string? Hash);

/// <summary>
/// A repository that does what a test wants, right or wrong. Bodies are plain JSON to be bent; <see cref="Publish"/> raises the version, signs and
/// serves, and lists the document where the next one above should.
/// </summary>
public sealed class SimulatedRepository
{
    /// <summary>The signed part of each role as it stands now.</summary>
    public Dictionary<string, JsonObject> Bodies { get; } = [];

    /// <summary>Versions of each role that are served, the first at 1.</summary>
    public Dictionary<string, List<byte[]>> Served { get; } = [];

    /// <summary>Keys that sign each role.</summary>
    public Dictionary<string, List<SimulatedKey>> Signers { get; } = [];

    /// <summary>Files that are served, and what the metadata says of them.</summary>
    public Dictionary<string, (byte[] Data, JsonObject Listed)> Artifacts { get; } = [];

    /// <summary>Whether snapshot and timestamp list lengths and hashes.</summary>
    public bool ListsHashes { get; set; }

    /// <summary>Documents asked so far.</summary>
    public List<MetadataRequest> MetadataRequests { get; } = [];

    /// <summary>Files asked so far.</summary>
    public List<ArtifactRequest> ArtifactRequests { get; } = [];

    /// <summary>A small valid repository.</summary>
    public SimulatedRepository()
    {
        Bodies["targets"] = NewTargets();
        Bodies["snapshot"] = NewBody("snapshot", new JsonObject { ["meta"] = new JsonObject() });
        Bodies["timestamp"] = NewBody("timestamp", new JsonObject { ["meta"] = new JsonObject() });
        var roles = new JsonObject();
        foreach (var role in (string[])["root", "timestamp", "snapshot", "targets"])
            roles[role] = new JsonObject { ["keyids"] = new JsonArray(), ["threshold"] = 1 };
        Bodies["root"] = NewBody("root", new JsonObject { ["consistent_snapshot"] = true, ["keys"] = new JsonObject(), ["roles"] = roles });
        foreach (var role in (string[])["root", "timestamp", "snapshot", "targets"])
            AddKey(role);
        Publish("targets", "snapshot", "timestamp", "root");
    }

    /// <summary>An end that no test reaches.</summary>
    public static DateTimeOffset SafeExpiry => TimeProvider.System.GetUtcNow().AddDays(30);

    /// <summary>The root's role of a name.</summary>
    public JsonObject RootRole(string role) => Bodies["root"]["roles"]![role]!.AsObject();

    /// <summary>What the timestamp lists.</summary>
    public JsonObject SnapshotMeta => Bodies["timestamp"]["meta"]!["snapshot.json"]!.AsObject();

    /// <summary>What the snapshot lists.</summary>
    public JsonObject SnapshotFiles => Bodies["snapshot"]["meta"]!.AsObject();

    /// <summary>Bytes of the canonical form.</summary>
    public static byte[] Canonical(JsonObject json)
    {
        using var document = JsonDocument.Parse(json.ToJsonString());
        return CanonicalJson.Encode(document.RootElement);
    }

    /// <summary>A body without files.</summary>
    public static JsonObject NewTargets(DateTimeOffset? expires = null) => NewBody("targets", new JsonObject { ["targets"] = new JsonObject() }, expires);

    /// <summary>Sets when a role ends.</summary>
    public void Expire(string role, DateTimeOffset at) => Bodies[role]["expires"] = Time(at);

    /// <summary>Version of a role's body.</summary>
    public int Version(string role) => Bodies[role]["version"]!.GetValue<int>();

    /// <summary>Lists a key (a new one when none is given) for a role, and has it sign.</summary>
    public SimulatedKey AddKey(string role, string delegator = "root", SimulatedKey? key = null)
    {
        key ??= SimulatedKey.New();
        ListKey(role, key, delegator);
        AddSigner(role, key);
        return key;
    }

    /// <summary>Lists a key for a role without having it sign.</summary>
    public void ListKey(string role, SimulatedKey key, string delegator = "root")
    {
        var home = delegator == "root" ? Bodies["root"] : Bodies[delegator]["delegations"]!.AsObject();
        home["keys"]![key.Id] = key.Json.DeepClone();
        var keyIds = delegator == "root" ? RootRole(role)["keyids"]!.AsArray() : DelegatedKeyIds(home, role);
        if (!keyIds.Any(k => k!.GetValue<string>() == key.Id))
            keyIds.Add(key.Id);
    }

    /// <summary>Has a key sign a role.</summary>
    public void AddSigner(string role, SimulatedKey key)
    {
        var signers = Signers.TryGetValue(role, out var known) ? known : Signers[role] = [];
        signers.RemoveAll(k => k.Id == key.Id);
        signers.Add(key);
    }

    /// <summary>Takes all keys from a top-level role.</summary>
    public void ClearKeys(string role)
    {
        RootRole(role)["keyids"]!.AsArray().Clear();
        Signers[role].Clear();
    }

    /// <summary>Gives a top-level role as many new keys as it needs, and no old one.</summary>
    public void RotateKeys(string role)
    {
        ClearKeys(role);
        for (var i = 0; i < RootRole(role)["threshold"]!.GetValue<int>(); i++)
            AddKey(role);
    }

    /// <summary>Raises the version of each role (but the first), signs, serves and lists it.</summary>
    public void Publish(params IEnumerable<string> roles)
    {
        foreach (var role in roles)
        {
            var served = Served.TryGetValue(role, out var known) ? known : null;
            var body = Bodies[role];
            if (served is not null)
                body["version"] = Version(role) + 1;
            else
                served = Served[role] = [];

            var signed = Canonical(body);
            var signatures = new JsonArray([.. Signers[role].Select(k => (JsonNode)k.Sign(signed))]);
            served.Add(Encoding.UTF8.GetBytes(new JsonObject { ["signatures"] = signatures, ["signed"] = body.DeepClone() }.ToJsonString()));
            List(role, served[^1]);
        }
    }

    /// <summary>Changes the last served document of a role as JSON, without signing it again.</summary>
    public void Bend(string role, Action<JsonObject> change)
    {
        var json = JsonNode.Parse(Served[role][^1])!.AsObject();
        change(json);
        Served[role][^1] = Encoding.UTF8.GetBytes(json.ToJsonString());
    }

    /// <summary>Lists and serves a file.</summary>
    public void AddArtifact(string role, byte[] data, string path, params string[] algorithms)
    {
        var hashes = new JsonObject();
        foreach (var algorithm in algorithms.Length == 0 ? ["sha256"] : algorithms)
            hashes[algorithm] = Convert.ToHexStringLower(algorithm == "sha256" ? SHA256.HashData(data) : SHA512.HashData(data));
        var listed = new JsonObject { ["length"] = data.Length, ["hashes"] = hashes };
        Bodies[role]["targets"]![path] = listed;
        Artifacts[path] = (data, listed);
    }

    /// <summary>Delegates paths to a role, which gets a key and, when it is new, an empty body.</summary>
    public void AddDelegation(string delegator, string role, IEnumerable<string> paths, bool terminating = false, JsonObject? body = null)
    {
        if (Bodies[delegator]["delegations"] is null)
            Bodies[delegator]["delegations"] = new JsonObject { ["keys"] = new JsonObject(), ["roles"] = new JsonArray() };
        Bodies[delegator]["delegations"]!["roles"]!.AsArray().Add(new JsonObject
        {
            ["name"] = role,
            ["keyids"] = new JsonArray(),
            ["threshold"] = 1,
            ["terminating"] = terminating,
            ["paths"] = new JsonArray([.. paths.Select(p => (JsonNode)p)]),
        });
        if (!Bodies.ContainsKey(role))
            Bodies[role] = body ?? NewTargets();
        AddKey(role, delegator);
    }

    /// <summary>Delegates everything to 2^bits bins of one key.</summary>
    public void AddBins(string delegator, int bits, string prefix)
    {
        var key = SimulatedKey.New();
        Bodies[delegator]["delegations"] = new JsonObject
        {
            ["keys"] = new JsonObject { [key.Id] = key.Json.DeepClone() },
            ["succinct_roles"] = new JsonObject { ["keyids"] = new JsonArray(key.Id), ["threshold"] = 1, ["bit_length"] = bits, ["name_prefix"] = prefix },
        };
        var digits = ((1L << bits) - 1).ToString("x", CultureInfo.InvariantCulture).Length;
        for (var bin = 0L; bin < 1L << bits; bin++)
        {
            var name = $"{prefix}-{bin.ToString($"x{digits}", CultureInfo.InvariantCulture)}";
            Bodies[name] = NewTargets();
            AddSigner(name, key);
        }
    }

    /// <summary>Serves a path below the repository ("metadata/..." or "targets/..."); null when there is nothing.</summary>
    public byte[]? Fetch(string path)
    {
        if (path.StartsWith("metadata/", StringComparison.Ordinal) && path.EndsWith(".json", StringComparison.Ordinal))
            return FetchMetadata(path["metadata/".Length..^".json".Length]);
        return path.StartsWith("targets/", StringComparison.Ordinal) ? FetchTarget(path["targets/".Length..]) : null;
    }

    /// <summary>The last served document of a role.</summary>
    public byte[] Last(string role) => Served[role][^1];

    private static JsonArray DelegatedKeyIds(JsonObject delegations, string role) =>
        delegations["roles"]!.AsArray().Single(r => r!["name"]!.GetValue<string>() == role)!["keyids"]!.AsArray();

    private bool IsConsistent => Bodies["root"]["consistent_snapshot"]!.GetValue<bool>();

    private byte[]? FetchMetadata(string name)
    {
        var dot = name.IndexOf('.');
        var versioned = dot > 0 && (name[(dot + 1)..] == "root" || (IsConsistent && name != "timestamp"));
        var role = versioned ? name[(dot + 1)..] : name;
        int? version = versioned ? int.Parse(name[..dot], CultureInfo.InvariantCulture) : null;
        MetadataRequests.Add(new MetadataRequest(role, version));
        var served = Served.GetValueOrDefault(Uri.UnescapeDataString(role)) ?? [];
        return version is { } v ? served.ElementAtOrDefault(v - 1) : served.LastOrDefault();
    }

    private byte[]? FetchTarget(string path)
    {
        var name = path.LastIndexOf('/') + 1;
        string? hash = null;
        if (IsConsistent)
        {
            var dot = path.IndexOf('.', name);
            (hash, path) = (path[name..dot], path[..name] + path[(dot + 1)..]);
        }

        ArtifactRequests.Add(new ArtifactRequest(path, hash));
        return Artifacts.TryGetValue(path, out var artifact) && (hash is null || artifact.Listed["hashes"]!.AsObject().Any(h => h.Value!.GetValue<string>() == hash))
            ? artifact.Data
            : null;
    }

    private void List(string role, byte[] served)
    {
        var meta = new JsonObject { ["version"] = Version(role) };
        if (ListsHashes)
        {
            meta["length"] = served.Length;
            meta["hashes"] = new JsonObject { ["sha256"] = Convert.ToHexStringLower(SHA256.HashData(served)) };
        }

        if (role == "snapshot")
            Bodies["timestamp"]["meta"]!["snapshot.json"] = meta;
        else if (role is not ("root" or "timestamp"))
            SnapshotFiles[$"{role}.json"] = meta;
    }

    private static JsonObject NewBody(string type, JsonObject more, DateTimeOffset? expires = null)
    {
        more["_type"] = type;
        more["spec_version"] = "1.0.34";
        more["version"] = 1;
        more["expires"] = Time(expires ?? SafeExpiry);
        return more;
    }

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
