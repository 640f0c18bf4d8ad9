using System.Security.Cryptography;
using System.Text;

namespace EdgeFleet.Shared.Trust.Tuf;

/// <summary>Names of the four roles that every repository has.</summary>
public static class TufRoles
{
    /// <summary>Lists the keys of all four.</summary>
    public const string Root = "root";

    /// <summary>Says which snapshot is the latest; short-lived.</summary>
    public const string Timestamp = "timestamp";

    /// <summary>Says which targets documents belong together.</summary>
    public const string Snapshot = "snapshot";

    /// <summary>Lists files, and who else may list files.</summary>
    public const string Targets = "targets";

    /// <summary>True for one of the four.</summary>
    public static bool IsTopLevel(string name) => name is Root or Timestamp or Snapshot or Targets;
}

/// <summary>Who may sign for a role: so many different ones of these keys.</summary>
internal sealed record TufRole(IReadOnlyList<string> KeyIds, int Threshold)
{
    public const int KeysMax = 64;

    public static TufRole Read(TufJson json)
    {
        var keyIds = json.Texts("keyids");
        if (keyIds.Count > KeysMax || keyIds.Distinct(StringComparer.Ordinal).Count() != keyIds.Count)
            throw json.Fault($"has a key twice in 'keyids', or more than {KeysMax}");
        return new TufRole(keyIds, (int)json.Count("threshold", 1, KeysMax));
    }
}

/// <summary>A role that another one trusts for some paths.</summary>
internal sealed record TufDelegation(string Name, TufRole Role, bool IsTerminating, IReadOnlyList<string>? Paths, IReadOnlyList<string>? HashPrefixes)
{
    private const int NameLengthMax = 128;

    public static TufDelegation Read(TufJson json)
    {
        var delegation = new TufDelegation(
            json.Text("name"), TufRole.Read(json), json.Flag("terminating"), json.Has("paths") ? json.Texts("paths") : null,
            json.Has("path_hash_prefixes") ? json.Texts("path_hash_prefixes") : null);
        if (delegation.Name.Length is 0 or > NameLengthMax || TufRoles.IsTopLevel(delegation.Name))
            throw json.Fault("delegates to a role whose name is empty, too long, or one of the four of every repository");
        if (delegation.Paths is null == delegation.HashPrefixes is null)
            throw json.Fault("delegates by paths or by hash prefixes; it must be one of the two");
        return delegation;
    }

    public bool Covers(string target) => Paths is { } paths ? paths.Any(p => TufPaths.Matches(p, target)) : HashPrefixes!.Any(TufPaths.HashOf(target).StartsWith);
}

/// <summary>All delegations of one targets document: the keys that they name, and either a list in order of trust or bins of hashes.</summary>
internal sealed record TufDelegations(IReadOnlyDictionary<string, TufKey> Keys, IReadOnlyList<TufDelegation> Roles, TufBins? Bins)
{
    public static TufDelegations Read(TufJson json)
    {
        var bins = json.OptionalObject("succinct_roles") is { } succinct ? TufBins.Read(succinct) : null;
        if (bins is null == !json.Has("roles"))
            throw json.Fault("has 'roles' or 'succinct_roles'; it must be one of the two");

        IReadOnlyList<TufDelegation> roles = bins is null ? [.. json.Objects("roles").Select(TufDelegation.Read)] : [];
        if (roles.DistinctBy(r => r.Name, StringComparer.Ordinal).Count() != roles.Count)
            throw json.Fault("delegates twice to one role");
        return new TufDelegations(json.Map("keys", TufKey.Read), roles, bins);
    }

    /// <summary>Delegations that may list a target, the most trusted first.</summary>
    public IEnumerable<TufDelegation> For(string target) => Bins is { } bins ? [bins.For(target)] : Roles.Where(r => r.Covers(target));
}

/// <summary>Delegation to 2^bits roles of one set of keys, each for an equal share of all hashes of paths.</summary>
internal sealed record TufBins(TufRole Role, int BitLength, string NamePrefix)
{
    public static TufBins Read(TufJson json) => new(TufRole.Read(json), (int)json.Count("bit_length", 1, 32), json.Text("name_prefix"));

    public TufDelegation For(string target)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(target));
        var bin = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(hash) >> (32 - BitLength);
        var digits = (((1L << BitLength) - 1).ToString("x", null)).Length;
        return new TufDelegation($"{NamePrefix}-{bin.ToString($"x{digits}", null)}", Role, IsTerminating: true, Paths: ["*"], HashPrefixes: null);
    }
}
