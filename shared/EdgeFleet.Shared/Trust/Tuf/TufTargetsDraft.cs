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
