using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Trust;
using EdgeFleet.Shared.Trust.Tuf;

namespace EdgeFleet.Testing.Tuf;

/// <summary>A repository of signed packages in a folder, as a control plane keeps it, with all the keys in one hand.</summary>
public sealed class SignedRepository : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly List<TufSigningKey> _keys = [];

    /// <summary>Begins with a root, signed by one owner, that lets one publisher list packages.</summary>
    /// <param name="now">When it is.</param>
    public SignedRepository(DateTimeOffset now)
    {
        (Now, Owner, Publisher, Online) = (now, NewKey(), NewKey(), NewKey());
        Open = new TufPublisher(_folder["metadata"], Online, new TufLives(TimeSpan.FromDays(30), TimeSpan.FromDays(7)));
        FirstRoot = SignedRoot(FirstDraft(Publisher));
        Open.TakeRoot(FirstRoot, null, now);
    }

    /// <summary>When it is.</summary>
    public DateTimeOffset Now { get; set; }

    /// <summary>Signs roots.</summary>
    public TufSigningKey Owner { get; }

    /// <summary>Signs lists of packages.</summary>
    public TufSigningKey Publisher { get; set; }

    /// <summary>Signs snapshots and timestamps.</summary>
    public TufSigningKey Online { get; }

    /// <summary>The repository.</summary>
    public TufPublisher Open { get; }

    /// <summary>The first root.</summary>
    public byte[] FirstRoot { get; }

    /// <summary>By what a board is enrolled.</summary>
    public Sha256Digest Anchor => Sha256Digest.Of(FirstRoot);

    /// <summary>Folder of the metadata.</summary>
    public string Folder => _folder["metadata"];

    /// <summary>A key that goes with the repository.</summary>
    public TufSigningKey NewKey()
    {
        _keys.Add(TufSigningKey.NewEcdsa());
        return _keys[^1];
    }

    /// <summary>An unsigned first root with these keys.</summary>
    public TufRootDraft FirstDraft(TufSigningKey publisher)
    {
        var root = TufRootDraft.New(Now.AddYears(2));
        root.Trust(TufRoles.Root, Owner.Public);
        root.Trust(TufRoles.Targets, publisher.Public);
        root.Trust(TufRoles.Snapshot, Online.Public);
        root.Trust(TufRoles.Timestamp, Online.Public);
        return root;
    }

    /// <summary>The root in force, to make the next one of.</summary>
    public TufRootDraft RootInForce() => TufRootDraft.Read(Open.Served()!.Root);

    /// <summary>A root, signed by the owner.</summary>
    public byte[] SignedRoot(TufRootDraft root)
    {
        Assert(root.Sign(Owner, root.Version > 1 ? RootInForce() : null));
        return root.ToBytes();
    }

    /// <summary>The list after the one in force, not signed yet.</summary>
    public TufTargetsDraft NextList() => Open.Served()!.Targets is { } before ? TufTargetsDraft.Read(before).Next(Now.AddYears(1)) : TufTargetsDraft.New(Now.AddYears(1));

    /// <summary>Lists a package, signed by the publisher.</summary>
    public void Publish(PackageRef package, string floor = "")
    {
        var list = NextList();
        if (PackageTargets.Add(list, package, floor) is { } fault)
            throw new InvalidOperationException(fault);
        list.Sign(Publisher);
        Open.TakeTargets(list.ToBytes(), Now);
    }

    /// <summary>All files as they are now, to be served again later.</summary>
    public IReadOnlyDictionary<string, byte[]> Copy() => Directory.EnumerateFiles(Folder).ToDictionary(f => Path.GetFileName(f), File.ReadAllBytes);

    /// <inheritdoc/>
    public void Dispose()
    {
        _keys.ForEach(k => k.Dispose());
        _folder.Dispose();
    }

    private static void Assert(bool holds)
    {
        if (!holds)
            throw new InvalidOperationException("The owner's key does not count for this root.");
    }
}
