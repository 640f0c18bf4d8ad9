using System.CommandLine;
using EdgeFleet.Cli.Connection;
using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Trust.Tuf;

namespace EdgeFleet.Cli.Keys;

/// <summary>
/// Makes the next signed list of packages, of the fleet or of a family. The list in force comes from the control plane, which may be a stolen one: it is gone on with only when a key
/// at hand signed it, or enough keys of a root that was kept here; otherwise this publisher would sign what a thief wrote.
/// </summary>
internal sealed class TargetsSigner : IDisposable
{
    private static readonly Option<FileInfo[]> Keys = new("--key") { Description = "Private key (.key) of a publisher; as often as the root asks for.", AllowMultipleArgumentsPerToken = true };
    private static readonly Option<FileInfo?> TrustedRoot = new("--root") { Description = "A root that was kept here, by which the list in force is checked when others signed it." };
    private static readonly Option<int> Days = new("--days") { Description = "Days until the signed list ends; boards install nothing from one that has ended.", DefaultValueFactory = _ => 365 };

    private static readonly Option<int?> ListVersion = new("--list-version") { Description = "Version of the signed list, if not the next one: after a restore from a backup, when boards have met later ones." };

    private readonly IReadOnlyList<TufSigningKey> _keys;
    private readonly TufRootDraft? _root;
    private readonly int _days;
    private readonly int? _version;

    private TargetsSigner(IReadOnlyList<TufSigningKey> keys, TufRootDraft? root, int days, int? version) => (_keys, _root, _days, _version) = (keys, root, days, version);

    public static void AddTo(Command command)
    {
        command.Add(Keys);
        command.Add(TrustedRoot);
        command.Add(Days);
        command.Add(ListVersion);
    }

    /// <summary>The signer that a call names; null when it names no key.</summary>
    public static TargetsSigner? Of(ParseResult parsed)
    {
        if (parsed.GetValue(Keys) is not { Length: > 0 } files)
            return null;
        var days = parsed.GetValue(Days);
        if (days is < 1 or > 3650)
            throw new UsageException($"--days is {days}; 1 to 3650 are possible.");
        var root = parsed.GetValue(TrustedRoot) is { } file ? KeyFiles.ReadRoot(file.FullName) : null;
        return new TargetsSigner([.. files.Select(f => KeyFiles.ReadKey(f.FullName))], root, days, parsed.GetValue(ListVersion));
    }

    /// <summary>When what is signed now ends.</summary>
    public DateTimeOffset Ends => TimeProvider.System.GetUtcNow().AddDays(_days);

    /// <summary>The list that a model belongs to, the fleet's or its family's, after the one in force, changed and signed.</summary>
    /// <param name="client">The control plane.</param>
    /// <param name="metadata">What it says is in force.</param>
    /// <param name="path">Path of the package in the list.</param>
    /// <param name="change">Changes the list; says what stands against it, or null.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <returns>The family, null for the fleet's list, and the list.</returns>
    /// <remarks>Which family that is, is the server's word. It need not be believed: keys count only where the list that the publishers signed names them.</remarks>
    public async Task<(string? Family, byte[] List)> NextForAsync(FleetClient client, MetadataSummary metadata, string path, Func<TufTargetsDraft, string?> change, CancellationToken cancel)
    {
        var top = metadata.TargetsVersion == 0 ? null : TufTargetsDraft.Read(await client.MetadataFileAsync(TufRoles.Targets, cancel));
        if (top?.Families.FirstOrDefault(f => f.Covers(path)) is not { } family)
            return (null, await NextAsync(client, metadata, change, cancel));
        if (!_keys.Any(k => family.Has(k.Public)))
            throw new UsageException($"{path.Split('/')[0]} belongs to the family {family.Name}. Name {family.Threshold} of its keys with --key: {string.Join(", ", family.Keys.Select(k => k.NewId()[..12]))}. Nothing was signed.");

        var next = TufTargetsDraft.New(Ends);
        if (metadata.Families.Any(f => f.Name == family.Name && f.Version > 0))
        {
            var inForce = TufTargetsDraft.Read(await client.MetadataFileAsync(family.Name, cancel));
            if (!_keys.Any(k => inForce.IsSignedBy(k.Public)) && !(_root?.Trusts(top) == true && family.Trusts(inForce)))
                throw Unknown($"The list of the family {family.Name} in force (version {inForce.Version})");
            next = inForce.Next(Ends, _version);
        }

        return (family.Name, Signed(next, change));
    }

    /// <summary>The fleet's list after the one in force, changed and signed.</summary>
    /// <param name="client">The control plane.</param>
    /// <param name="metadata">What it says is in force.</param>
    /// <param name="change">Changes the list; says what stands against it, or null.</param>
    /// <param name="cancel">Ends the wait.</param>
    public async Task<byte[]> NextAsync(FleetClient client, MetadataSummary metadata, Func<TufTargetsDraft, string?> change, CancellationToken cancel)
    {
        var next = metadata.TargetsVersion == 0
            ? TufTargetsDraft.New(Ends)
            : Trusted(TufTargetsDraft.Read(await client.MetadataFileAsync(TufRoles.Targets, cancel))).Next(Ends, _version);
        return Signed(next, change);
    }

    private byte[] Signed(TufTargetsDraft next, Func<TufTargetsDraft, string?> change)
    {
        if (change(next) is { } fault)
            throw new UsageException($"Nothing was signed: {fault}");
        foreach (var key in _keys)
            next.Sign(key);
        return next.ToBytes();
    }

    public void Dispose()
    {
        foreach (var key in _keys)
            key.Dispose();
    }

    private TufTargetsDraft Trusted(TufTargetsDraft inForce) => _keys.Any(k => inForce.IsSignedBy(k.Public)) || _root?.Trusts(inForce) == true
        ? inForce
        : throw Unknown($"The list of packages in force (version {inForce.Version})");

    private static UsageException Unknown(string list) =>
        new($"{list} is signed by none of these keys. To go on with what other publishers signed, name a root that you keep yourself: --root N.root.json. Nothing was signed.");
}
