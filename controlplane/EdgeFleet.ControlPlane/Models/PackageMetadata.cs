using System.Security.Cryptography;
using System.Text;
using EdgeFleet.ControlPlane.Data;
using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Files;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Trust;
using EdgeFleet.Shared.Trust.Tuf;
using Microsoft.Extensions.Options;

namespace EdgeFleet.ControlPlane.Models;

/// <summary>
/// The signed metadata by which boards check packages (TUF). Roots and lists of packages are signed elsewhere and only taken in here; snapshot and
/// timestamp are signed by a key that this process makes at its first start. Without a root packages are not signed, and boards take what is wished.
/// </summary>
internal sealed class PackageMetadata : IDisposable
{
    private readonly TufSigningKey _online;
    private readonly TufPublisher _publisher;
    private readonly TufLives _lives;
    private readonly ContentStore _files;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();

    /// <summary>Opens the folder, making the key when there is none.</summary>
    /// <exception cref="InvalidOperationException">The file of the key is there and holds none.</exception>
    public PackageMetadata(DataFolder folder, IOptions<PackageOptions> options, TimeProvider time)
    {
        _online = File.Exists(folder.MetadataKey) ? Read(folder.MetadataKey) : Make(folder.MetadataKey);
        _lives = new TufLives(TimeSpan.FromDays(options.Value.SnapshotDays), TimeSpan.FromDays(options.Value.TimestampDays));
        (_publisher, _files, _time) = (new TufPublisher(folder.Metadata, _online, _lives), new ContentStore(folder.Packages), time);
    }

    /// <summary>SHA-256 of the root in force; null while there is none.</summary>
    public Sha256Digest? Root => Served()?.RootDigest;

    /// <summary>What is in force.</summary>
    public MetadataSummary Summarise()
    {
        var (served, now) = (Served(), _time.GetUtcNow());
        return new MetadataSummary(
            _online.Public.ToJson().ToJsonString(), served?.RootDigest.Value, served?.RootVersion ?? 0, served?.RootEnds, served?.TargetsVersion ?? 0, served?.TargetsEnd)
        {
            Families = Families(served),
            SnapshotEnds = served?.SnapshotEnds,
            TimestampEnds = served?.TimestampEnds,
            // They are due at half of their life, and looked at every hour.
            IsOverdue = served?.SnapshotEnds - now < _lives.Snapshot / 3 || served?.TimestampEnds - now < _lives.Timestamp / 3,
        };
    }

    /// <summary>The root, the list of packages or that of a family in force; null when there is none.</summary>
    public byte[]? InForce(string role) => role switch { TufRoles.Root => Served()?.Root, TufRoles.Targets => Served()?.Targets, _ => Served()?.Families.GetValueOrDefault(role)?.Bytes };

    /// <summary>A file as boards ask for it; null when there is none of that name.</summary>
    public byte[]? FileOf(string name) => _publisher.File(name);

    /// <summary>Puts a root into force, and the list of packages that comes with it.</summary>
    /// <returns>Why it is refused; null when it is in force.</returns>
    public string? TakeRoot(RootRequest request)
    {
        lock (_lock)
        {
            return Refusal("The root is refused", () =>
            {
                if (request.Targets is { } targets)
                    Hold(Lists(TufRoles.Targets, targets));
                _publisher.TakeRoot(request.Root, request.Targets, _time.GetUtcNow());
                // Boards ask for the root that their ticket pins by its hash, as for any file.
                _files.Add(request.Root);
            });
        }
    }

    /// <summary>Why a list of packages is refused as the next one that names a package; null when it would be taken.</summary>
    /// <param name="targets">The list.</param>
    /// <param name="family">The family whose list it is; null for the fleet's.</param>
    /// <param name="package">The package.</param>
    /// <param name="floor">The floor that its manifest asks for.</param>
    public string? Judge(byte[] targets, string? family, PackageRef package, string floor)
    {
        lock (_lock)
        {
            return Refusal("The list of packages is refused", () =>
            {
                Hold(Lists(family ?? TufRoles.Targets, targets), package, floor);
                _publisher.JudgeLists(Lists(family ?? TufRoles.Targets, targets), _time.GetUtcNow());
            });
        }
    }

    /// <summary>Puts a list of packages into force, as <see cref="Judge"/> would take it.</summary>
    /// <returns>Why it is refused; null when it is in force.</returns>
    public string? Take(byte[] targets, string? family, PackageRef package, string floor)
    {
        lock (_lock)
            return Judge(targets, family, package, floor) ?? Refusal("The list of packages is refused", () => _publisher.TakeLists(Lists(family ?? TufRoles.Targets, targets), _time.GetUtcNow()));
    }

    /// <summary>Puts lists into force, all or none: how families come, and come by other keys.</summary>
    /// <returns>Why they are refused; null when they are in force.</returns>
    public string? TakeLists(ListsRequest request)
    {
        lock (_lock)
        {
            return Refusal("The lists are refused", () =>
            {
                Hold(request.Lists);
                _publisher.TakeLists(request.Lists, _time.GetUtcNow());
            });
        }
    }

    /// <summary>Signs snapshot and timestamp anew when it is time.</summary>
    /// <exception cref="TufException">The metadata is damaged, or the root does not let this key sign.</exception>
    public bool KeepFresh()
    {
        lock (_lock)
            return _publisher.KeepFresh(_time.GetUtcNow());
    }

    /// <summary>Signs snapshot and timestamp many versions on, after a restore from a backup.</summary>
    /// <exception cref="TufException">The metadata is damaged, or the root does not let this key sign.</exception>
    public void GoAhead(int steps)
    {
        lock (_lock)
            _publisher.GoAhead(steps, _time.GetUtcNow());
    }

    public void Dispose() => _online.Dispose();

    private TufServed? Served()
    {
        lock (_lock)
            return _publisher.Served();
    }

    private static Dictionary<string, byte[]> Lists(string role, byte[] list) => new() { [role] = list };

    // What TUF does not ask for and packages do.
    private void Hold(IReadOnlyDictionary<string, byte[]> next, PackageRef? package = null, string floor = "")
    {
        if (FamilyLists.FaultIn(_publisher.Served(), next, _online.Public, package, floor) is { } fault)
            throw new TufException(TufFault.Mismatch, TufRoles.Targets, fault);
    }

    private static List<FamilySummary> Families(TufServed? served) => served?.Targets is not { } targets ? [] :
    [
        .. from family in TufTargetsDraft.Read(targets).Families
           let list = served.Families.GetValueOrDefault(family.Name)
           select new FamilySummary(family.Name, family.Paths, [.. family.Keys.Select(k => k.NewId())], family.Threshold, list?.Version ?? 0, list?.Ends),
    ];

    private static string? Refusal(string what, Action take)
    {
        try
        {
            take();
            return null;
        }
        catch (TufException e)
        {
            return $"{what}: {e.Message}";
        }
    }

    private static TufSigningKey Read(string path)
    {
        try
        {
            return TufSigningKey.FromPem(File.ReadAllText(path));
        }
        catch (CryptographicException e)
        {
            throw new InvalidOperationException(
                $"{path} is not a private key: {e.Message} Restore it from the backup, or delete it: a new one is made, and counts when a new root names it (edgefleet key online, rotate, publish).", e);
        }
    }

    private static TufSigningKey Make(string path)
    {
        using var made = TufSigningKey.NewEcdsa();
        DurableFile.WriteFirst(path, Encoding.ASCII.GetBytes(made.ToPem().TrimEnd() + "\n"));
        return Read(path);
    }
}
