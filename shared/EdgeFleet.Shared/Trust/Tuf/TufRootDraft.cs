using System.Text;
using System.Text.Json.Nodes;

namespace EdgeFleet.Shared.Trust.Tuf;

/// <summary>
/// A root on its way from key to key: a file that several people sign one after the other, each where his key is. Whoever changes what it says takes
/// the signatures away. It is whole when enough keys of its own signed it, and enough of the root before it.
/// </summary>
public sealed class TufRootDraft
{
    private static readonly string[] Roles = [TufRoles.Root, TufRoles.Targets, TufRoles.Snapshot, TufRoles.Timestamp];
    private readonly JsonObject _signed;
    private readonly JsonArray _signatures;

    private TufRootDraft(JsonObject signed, JsonArray signatures) => (_signed, _signatures) = (signed, signatures);

    /// <summary>Version of the root.</summary>
    public int Version => _signed["version"]!.GetValue<int>();

    /// <summary>When it ends, as it is written.</summary>
    public string Expires => _signed["expires"]!.GetValue<string>();

    /// <summary>The first root of a fleet, without keys.</summary>
    /// <param name="expires">When it ends.</param>
    public static TufRootDraft New(DateTimeOffset expires)
    {
        var roles = new JsonObject();
        foreach (var role in Roles)
            roles[role] = new JsonObject { ["keyids"] = new JsonArray(), ["threshold"] = 1 };
        return new TufRootDraft(
            new JsonObject
            {
                ["_type"] = TufRoles.Root,
                ["spec_version"] = TufSeal.SpecVersion,
                ["version"] = 1,
                ["expires"] = TufSeal.Time(expires),
                ["consistent_snapshot"] = true,
                ["keys"] = new JsonObject(),
                ["roles"] = roles,
            },
            []);
    }

    /// <summary>Reads a root, signed or not.</summary>
    /// <exception cref="TufException">Not a root.</exception>
    public static TufRootDraft Read(byte[] bytes)
    {
        TufRoot.Read(bytes);
        var all = JsonNode.Parse(bytes)!.AsObject();
        return new TufRootDraft(all["signed"]!.DeepClone().AsObject(), all["signatures"]!.DeepClone().AsArray());
    }

    /// <summary>The root after this one, with the same keys and no signatures yet.</summary>
    /// <param name="expires">When it ends.</param>
    public TufRootDraft Next(DateTimeOffset expires)
    {
        var next = _signed.DeepClone().AsObject();
        next["version"] = Version + 1;
        next["expires"] = TufSeal.Time(expires);
        return new TufRootDraft(next, []);
    }

    /// <summary>Lets a key sign for a role.</summary>
    public void Trust(string role, TufKey key)
    {
        var id = key.NewId();
        _signed["keys"]![id] = key.ToJson();
        if (!KeyIds(role).Contains(id))
            Role(role)["keyids"]!.AsArray().Add((JsonNode)id);
        _signatures.Clear();
    }

    /// <summary>Takes a key from a role; a key that no role names any more is dropped. False when the role did not have it.</summary>
    public bool Retire(string role, string keyId)
    {
        var ids = Role(role)["keyids"]!.AsArray();
        if (ids.FirstOrDefault(k => k!.GetValue<string>() == keyId) is not { } found)
            return false;

        ids.Remove(found);
        if (!Roles.Any(r => KeyIds(r).Contains(keyId)))
            _signed["keys"]!.AsObject().Remove(keyId);
        _signatures.Clear();
        return true;
    }

    /// <summary>Sets how many keys of a role must sign.</summary>
    public void SetThreshold(string role, int threshold)
    {
        Role(role)["threshold"] = threshold;
        _signatures.Clear();
    }

    /// <summary>Ids of the keys of a role.</summary>
    public IReadOnlyList<string> KeyIds(string role) => [.. Role(role)["keyids"]!.AsArray().Select(k => k!.GetValue<string>())];

    /// <summary>How many keys of a role must sign.</summary>
    public int Threshold(string role) => Role(role)["threshold"]!.GetValue<int>();

    /// <summary>Kind of a key: "ed25519", "ecdsa" or "rsa".</summary>
    public string KindOf(string keyId) => _signed["keys"]![keyId]!["keytype"]!.GetValue<string>();

    /// <summary>True when enough keys of this root signed a list of targets.</summary>
    public bool Trusts(TufTargetsDraft targets) =>
        KeyIds(TufRoles.Targets).Select(KeyOf).OfType<TufKey>().DistinctBy(k => k.Material).Count(targets.IsSignedBy) >= Threshold(TufRoles.Targets);

    /// <summary>
    /// What is wrong with the roles: fewer keys than must sign, or a key that is kept offline (root, targets) and stands online (snapshot, timestamp)
    /// as well, so that a stolen server could do what it must not.
    /// </summary>
    public IReadOnlyList<string> Faults()
    {
        var faults = Roles.Where(r => Threshold(r) < 1 || KeyIds(r).Count < Threshold(r))
            .Select(r => $"{r} has {KeyIds(r).Count} key(s), and {Threshold(r)} must sign.").ToList();
        var online = KeyIds(TufRoles.Snapshot).Concat(KeyIds(TufRoles.Timestamp)).ToHashSet();
        faults.AddRange(KeyIds(TufRoles.Root).Concat(KeyIds(TufRoles.Targets)).Distinct().Where(online.Contains)
            .Select(id => $"Key {id[..12]} is one of root or targets, which are kept offline, and one of snapshot or timestamp, which stand on the server."));
        return faults;
    }

    /// <summary>Signs. False when the key is none of this root's, nor of the one before it.</summary>
    public bool Sign(TufSigningKey key, TufRootDraft? before = null)
    {
        if (!KeyIds(TufRoles.Root).Contains(key.Id) && before?.KeyIds(TufRoles.Root).Contains(key.Id) != true)
            return false;

        if (_signatures.FirstOrDefault(s => s!["keyid"]!.GetValue<string>() == key.Id) is { } earlier)
            _signatures.Remove(earlier);
        _signatures.Add((JsonNode)TufSeal.Sign(_signed, key));
        return true;
    }

    /// <summary>How many signatures are still missing by this root's own keys, and by those of the one before it.</summary>
    public (int Own, int Before) Missing(TufRootDraft? before) => (Missing(this, this), before is null ? 0 : Missing(this, before));

    /// <summary>True when a key's signature stands in it and is right.</summary>
    public bool IsSignedBy(string keyId) => IsSignedBy(keyId, this);

    /// <summary>The file.</summary>
    public byte[] ToBytes() => TufSeal.ToBytes(_signed, _signatures);

    private static int Missing(TufRootDraft draft, TufRootDraft judge) =>
        Math.Max(0, judge.Threshold(TufRoles.Root) - judge.KeyIds(TufRoles.Root).Count(id => draft.IsSignedBy(id, judge)));

    private bool IsSignedBy(string keyId, TufRootDraft judge) =>
        _signatures.FirstOrDefault(s => s!["keyid"]!.GetValue<string>() == keyId) is { } signature
        && judge.KeyOf(keyId) is { } key && key.Verifies(SignedBytes(), signature["sig"]!.GetValue<string>());

    private TufKey? KeyOf(string keyId) => _signed["keys"]![keyId] is JsonObject key ? TufKey.FromJson(Encoding.UTF8.GetBytes(key.ToJsonString())) : null;

    private JsonObject Role(string role) => _signed["roles"]![role]!.AsObject();

    private byte[] SignedBytes() => TufSeal.SignedBytes(_signed);
}
