using System.CommandLine;
using EdgeFleet.Cli.Connection;
using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Trust.Tuf;

namespace EdgeFleet.Cli.Keys;

/// <summary>
/// Makes the next signed list of packages. The list in force comes from the control plane, which may be a stolen one: it is gone on with only when a key
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

    /// <summary>The list after the one in force, changed and signed.</summary>
    /// <param name="client">The control plane.</param>
    /// <param name="metadata">What it says is in force.</param>
    /// <param name="change">Changes the list; says what stands against it, or null.</param>
    /// <param name="cancel">Ends the wait.</param>
    public async Task<byte[]> NextAsync(FleetClient client, MetadataSummary metadata, Func<TufTargetsDraft, string?> change, CancellationToken cancel)
    {
        var ends = TimeProvider.System.GetUtcNow().AddDays(_days);
        var next = metadata.TargetsVersion == 0
            ? TufTargetsDraft.New(ends)
            : Trusted(TufTargetsDraft.Read(await client.MetadataFileAsync(TufRoles.Targets, cancel))).Next(ends, _version);
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
        : throw new UsageException($"The list of packages in force (version {inForce.Version}) is signed by none of these keys. To go on with what other publishers signed, name a root that you keep yourself: --root N.root.json. Nothing was signed.");
}
