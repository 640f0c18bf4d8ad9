using System.Text.Json.Nodes;

namespace EdgeFleet.Shared.Trust.Tuf;

/// <summary>The list of targets on its way to a repository: read, changed, and signed by those who publish. Whoever changes it takes the signatures away.</summary>
public sealed class TufTargetsDraft
{
    private readonly JsonObject _signed;
    private readonly JsonArray _signatures;

    private TufTargetsDraft(JsonObject signed, JsonArray signatures) => (_signed, _signatures) = (signed, signatures);

    /// <summary>Version of the list.</summary>
    public int Version => _signed["version"]!.GetValue<int>();

    /// <summary>The targets by their paths.</summary>
    public IReadOnlyDictionary<string, TufTarget> Targets => TufTargets.Read(ToBytes(), TufRoles.Targets).Files;

    /// <summary>Families that this list leaves to other keys, the most trusted first. Shares of hashes, which others' repositories have, are not among them.</summary>
    public IReadOnlyList<TufFamily> Families => TufTargets.Read(ToBytes(), TufRoles.Targets).Delegations is { } all
        ? [.. all.Roles.Where(r => r.Paths is not null).Select(r => TufFamily.Of(r, all.Keys))]
        : [];

    /// <summary>The first list of a repository, which is empty.</summary>
    /// <param name="expires">When it ends.</param>
    public static TufTargetsDraft New(DateTimeOffset expires)
    {
        var body = TufSeal.Body(TufRoles.Targets, 1, expires);
        body["targets"] = new JsonObject();
        return new TufTargetsDraft(body, []);
    }

    /// <summary>Reads a list, signed or not.</summary>
    /// <exception cref="TufException">Not a list of targets.</exception>
    public static TufTargetsDraft Read(byte[] bytes)
    {
        TufTargets.Read(bytes, TufRoles.Targets);
        var all = JsonNode.Parse(bytes)!.AsObject();
        return new TufTargetsDraft(all["signed"]!.DeepClone().AsObject(), all["signatures"]!.DeepClone().AsArray());
    }

    /// <summary>The list after this one, with the same targets and no signatures yet.</summary>
    /// <param name="expires">When it ends.</param>
    /// <param name="version">Its version; null for the next one.</param>
    public TufTargetsDraft Next(DateTimeOffset expires, int? version = null)
    {
        var next = _signed.DeepClone().AsObject();
        (next["version"], next["expires"]) = (version ?? Version + 1, TufSeal.Time(expires));
        return new TufTargetsDraft(next, []);
    }

    /// <summary>Lists a target, in the place of one that had its path.</summary>
    public void Set(string path, long length, string sha256, JsonObject? custom = null)
    {
        var target = new JsonObject { ["length"] = length, ["hashes"] = new JsonObject { ["sha256"] = sha256 } };
        if (custom is not null)
            target["custom"] = custom;
        _signed["targets"]!.AsObject()[path] = target;
        _signatures.Clear();
    }

    /// <summary>Takes a target off the list.</summary>
    public void Remove(string path)
    {
        _signed["targets"]!.AsObject().Remove(path);
        _signatures.Clear();
    }

    /// <summary>Leaves paths to a family, in the place of one that had its name. No other family is asked for those paths.</summary>
    public void SetFamily(TufFamily family)
    {
        var before = Families;
        IEnumerable<TufFamily> families = before.Any(f => f.Name == family.Name) ? before.Select(f => f.Name == family.Name ? family : f) : before.Append(family);
        var (keys, roles) = (new JsonObject(), new JsonArray());
        foreach (var each in families)
        {
            foreach (var key in each.Keys)
                keys[key.NewId()] = key.ToJson();
            roles.Add((JsonNode)new JsonObject
            {
                ["name"] = each.Name,
                ["keyids"] = new JsonArray([.. each.Keys.Select(k => (JsonNode)k.NewId())]),
                ["threshold"] = each.Threshold,
                ["terminating"] = true,
                ["paths"] = new JsonArray([.. each.Paths.Select(p => (JsonNode)p)]),
            });
        }

        _signed["delegations"] = new JsonObject { ["keys"] = keys, ["roles"] = roles };
        _signatures.Clear();
    }

    /// <summary>Signs. Whether the key may is for the root to say.</summary>
    public void Sign(TufSigningKey key)
    {
        if (_signatures.FirstOrDefault(s => s!["keyid"]!.GetValue<string>() == key.Id) is { } earlier)
            _signatures.Remove(earlier);
        _signatures.Add((JsonNode)TufSeal.Sign(_signed, key));
    }

    /// <summary>True when the signature of a key stands in it and is right, whatever the key is called there.</summary>
    public bool IsSignedBy(TufKey key)
    {
        var data = TufSeal.SignedBytes(_signed);
        return _signatures.Any(s => key.Verifies(data, s!["sig"]!.GetValue<string>()));
    }

    /// <summary>The file.</summary>
    public byte[] ToBytes() => TufSeal.ToBytes(_signed, _signatures);
}
