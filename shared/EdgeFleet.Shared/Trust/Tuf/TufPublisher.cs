using System.Text.Json.Nodes;
using EdgeFleet.Shared.Files;
using EdgeFleet.Shared.Identity;

namespace EdgeFleet.Shared.Trust.Tuf;

/// <summary>How long what the online key signs lives. It is signed anew when half of it is over.</summary>
/// <param name="Snapshot">Life of a snapshot.</param>
/// <param name="Timestamp">Life of a timestamp: for so long can newer metadata be held back from a board.</param>
public sealed record TufLives(TimeSpan Snapshot, TimeSpan Timestamp);

/// <summary>What a repository serves now.</summary>
/// <param name="Root">The root in force.</param>
/// <param name="RootVersion">Its version.</param>
/// <param name="RootEnds">When it ends.</param>
/// <param name="Targets">The list of targets in force; null while there is none.</param>
/// <param name="TargetsVersion">Its version, 0 for none.</param>
/// <param name="TargetsEnd">When it ends.</param>
public sealed record TufServed(byte[] Root, int RootVersion, DateTimeOffset RootEnds, byte[]? Targets, int TargetsVersion, DateTimeOffset? TargetsEnd)
{
    /// <summary>SHA-256 of the root, by which tickets pin it.</summary>
    public Sha256Digest RootDigest => Sha256Digest.Of(Root);

    /// <summary>Lists of families, by the names of their roles.</summary>
    public IReadOnlyDictionary<string, TufServedList> Families { get; init; } = new Dictionary<string, TufServedList>();

    /// <summary>When the snapshot ends; null while there is none.</summary>
    public DateTimeOffset? SnapshotEnds { get; init; }

    /// <summary>When the timestamp ends; null while there is none.</summary>
    public DateTimeOffset? TimestampEnds { get; init; }
}

/// <summary>
/// A repository's folder of metadata, with consistent snapshots: takes roots and lists of targets that were signed elsewhere, if they may follow those
/// before, and signs snapshot and timestamp by the online key. The timestamp is written last, so that at any power cut the old or the new state is served.
/// </summary>
/// <param name="folder">The folder; it is made when the first root comes.</param>
/// <param name="online">Key of snapshot and timestamp.</param>
/// <param name="lives">How long they live.</param>
public sealed class TufPublisher(string folder, TufSigningKey online, TufLives lives)
{
    private const string Json = ".json";
    private static readonly TufLimits Limits = new();

    /// <summary>What is served; null before the first root.</summary>
    /// <exception cref="TufException">What lies in the folder is damaged.</exception>
    public TufServed? Served()
    {
        if (LastRoot() is not { } bytes)
            return null;

        var root = TufRoot.Read(bytes).Document;
        var lists = Lists();
        lists.Remove(TufRoles.Targets, out var targets);
        return new TufServed(bytes, (int)root.Version, root.Expires, targets?.Bytes, targets?.Version ?? 0, targets?.Ends)
        {
            Families = lists,
            SnapshotEnds = ListedSnapshot() is { } snapshot ? EndOf(TufRoles.Snapshot, $"{snapshot}.{TufPaths.FileOf(TufRoles.Snapshot)}") : null,
            TimestampEnds = EndOf(TufRoles.Timestamp, TufPaths.FileOf(TufRoles.Timestamp)),
        };
    }

    /// <summary>A file that is served; null when there is none of this name.</summary>
    public byte[]? File(string name) => name.AsSpan().ContainsAny('/', '\\') || !name.EndsWith(".json", StringComparison.Ordinal) ? null : Read(name);

    /// <summary>Takes a root that follows the one in force, and the list of targets signed by the keys that it names where the old list is not.</summary>
    /// <param name="bytes">The root. The one in force again changes nothing.</param>
    /// <param name="targets">The next list of targets; null to keep the one in force.</param>
    /// <param name="now">When it is.</param>
    /// <exception cref="TufException">It is refused; nothing changed.</exception>
    /// <exception cref="IOException">The disk refused.</exception>
    public void TakeRoot(byte[] bytes, byte[]? targets, DateTimeOffset now)
    {
        var before = LastRoot();
        var isSame = before is not null && before.AsSpan().SequenceEqual(bytes);
        var trust = new TufTrust(before ?? bytes, now);
        if (bytes.Length > Limits.RootBytesMax)
            throw new TufException(TufFault.TooLong, TufRoles.Root, $"it has {bytes.Length} bytes; clients read {Limits.RootBytesMax}.");
        if (before is null && trust.Root.Document.Version != 1)
            throw new TufException(TufFault.Mismatch, TufRoles.Root, $"version {trust.Root.Document.Version} came first. Begin with version 1.");
        if (before is not null && !isSame)
            trust.TakeRoot(bytes);
        trust.CheckRoot();
        CheckOnline(trust.Root);

        var served = Lists();
        Dictionary<string, byte[]> next = targets is null ? [] : new() { [TufRoles.Targets] = targets };
        if (targets is not null)
            TufListJudge.Judge(trust.Root, served, next, Limits, now);
        else if (served.TryGetValue(TufRoles.Targets, out var kept))
            CheckStillSigned(trust.Root, kept.Bytes);

        Directory.CreateDirectory(folder);
        var versions = Write(served, next);
        Write($"{trust.Root.Document.Version}.{TufPaths.FileOf(TufRoles.Root)}", bytes);
        if (versions.Count > 0)
            List(versions, now);
    }

    /// <summary>Takes the next list of targets.</summary>
    /// <exception cref="TufException">It is refused; nothing changed.</exception>
    /// <exception cref="IOException">The disk refused.</exception>
    public void TakeTargets(byte[] bytes, DateTimeOffset now) => TakeLists(new Dictionary<string, byte[]> { [TufRoles.Targets] = bytes }, now);

    /// <summary>Takes the next lists, by role: the list of targets, those of families, or both at once where one needs the other.</summary>
    /// <exception cref="TufException">They are refused; nothing changed.</exception>
    /// <exception cref="IOException">The disk refused.</exception>
    public void TakeLists(IReadOnlyDictionary<string, byte[]> next, DateTimeOffset now)
    {
        JudgeLists(next, now);
        List(Write(Lists(), next), now);
    }

    /// <summary>Refuses lists that must not follow those in force: too few signatures, another version than the next, an end that is near, or paths of others.</summary>
    /// <exception cref="TufException">They are refused.</exception>
    public void JudgeLists(IReadOnlyDictionary<string, byte[]> next, DateTimeOffset now) => TufListJudge.Judge(
        TufRoot.Read(LastRoot() ?? throw new TufException(TufFault.Missing, TufRoles.Root, "this repository has no root yet.")), Lists(), next, Limits, now);

    /// <summary>Signs timestamp and snapshot anew when half of their life is over, or when they are not the root's any more. False when nothing was to be done.</summary>
    /// <exception cref="TufException">What lies in the folder is damaged, or the root does not let this key sign.</exception>
    /// <exception cref="IOException">The disk refused.</exception>
    public bool KeepFresh(DateTimeOffset now)
    {
        if (Served() is not { Targets: not null } served)
            return false;

        var root = TufRoot.Read(served.Root);
        CheckOnline(root);
        var snapshot = CurrentSnapshot(root, now);
        if (snapshot is null)
        {
            List(Write(Lists(), new Dictionary<string, byte[]>()), now);
            return true;
        }

        if (Valid(TufRoles.Timestamp, root, TufPaths.FileOf(TufRoles.Timestamp)) is { } timestamp && timestamp.Expires - now > lives.Timestamp / 2)
            return false;
        WriteTimestamp(snapshot.Version, now);
        return true;
    }

    /// <summary>
    /// Signs snapshot and timestamp anew, many versions on: after a restore from a backup, when clients may have met later ones than those restored.
    /// Nothing happens while there is no list of targets.
    /// </summary>
    /// <exception cref="TufException">What lies in the folder is damaged, or the root does not let this key sign.</exception>
    /// <exception cref="IOException">The disk refused.</exception>
    public void GoAhead(int steps, DateTimeOffset now)
    {
        if (Served() is not { Targets: { } targets } served)
            return;
        CheckOnline(TufRoot.Read(served.Root));
        List(Write(Lists(), new Dictionary<string, byte[]>()), now, steps);
    }

    private void CheckOnline(TufRoot root)
    {
        foreach (var name in (string[])[TufRoles.Snapshot, TufRoles.Timestamp])
        {
            var role = root.Roles[name];
            if (role.Threshold != 1 || !role.KeyIds.Any(id => root.Keys.TryGetValue(id, out var key) && id == online.Id && key.Material == online.Public.Material))
                throw new TufException(TufFault.Unsigned, TufRoles.Root, $"it does not let the control plane's key {online.Id[..12]} alone sign the {name}. Name that key for snapshot and timestamp: edgefleet key online");
        }
    }

    private static void CheckStillSigned(TufRoot root, byte[] targets)
    {
        var list = TufTargets.Read(targets, TufRoles.Targets).Document;
        try
        {
            list.Verify(root.Roles[TufRoles.Targets], root.Keys);
        }
        catch (TufException e) when (e.Fault == TufFault.Unsigned)
        {
            throw new TufException(TufFault.Unsigned, TufRoles.Root, $"it retires keys that signed the list of packages ({list.Version}), which boards would then refuse. Publish it with the list signed anew: edgefleet key publish ROOT --key NEW-PUBLISHER.key");
        }
    }

    // The versions of all lists from now on. A list that was in a snapshot is in every one after it, or clients refuse that.
    private Dictionary<string, long> Write(IReadOnlyDictionary<string, TufServedList> served, IReadOnlyDictionary<string, byte[]> next)
    {
        var versions = served.ToDictionary(l => l.Key, l => (long)l.Value.Version);
        foreach (var (role, bytes) in next)
        {
            versions[role] = TufTargets.Read(bytes, role).Document.Version;
            Write($"{versions[role]}.{TufPaths.FileOf(role)}", bytes);
        }

        return versions;
    }

    private void List(Dictionary<string, long> versions, DateTimeOffset now, int steps = 1)
    {
        var version = (ListedSnapshot() ?? 0) + steps;
        var body = TufSeal.Body(TufRoles.Snapshot, (int)version, now + lives.Snapshot);
        var meta = new JsonObject();
        foreach (var (role, listed) in versions)
            meta[role + Json] = Meta(listed);
        body["meta"] = meta;
        Write($"{version}.{TufPaths.FileOf(TufRoles.Snapshot)}", TufSeal.Sealed(body, online));
        WriteTimestamp(version, now, steps);
    }

    private void WriteTimestamp(long snapshot, DateTimeOffset now, int steps = 1)
    {
        var before = Read(TufPaths.FileOf(TufRoles.Timestamp)) is { } bytes ? TufTimestamp.Read(bytes).Document.Version : 0;
        var body = TufSeal.Body(TufRoles.Timestamp, (int)before + steps, now + lives.Timestamp);
        body["meta"] = new JsonObject { ["snapshot.json"] = Meta(snapshot) };
        Write(TufPaths.FileOf(TufRoles.Timestamp), TufSeal.Sealed(body, online));
    }

    private static JsonObject Meta(long version) => new() { ["version"] = version };

    private TufDocument? CurrentSnapshot(TufRoot root, DateTimeOffset now) =>
        ListedSnapshot() is { } listed && Valid(TufRoles.Snapshot, root, $"{listed}.{TufPaths.FileOf(TufRoles.Snapshot)}") is { } snapshot && snapshot.Expires - now > lives.Snapshot / 2
            ? snapshot
            : null;

    private TufDocument? Valid(string role, TufRoot root, string file)
    {
        try
        {
            if (Read(file) is not { } bytes)
                return null;
            var document = TufDocument.Read(bytes, role);
            document.Verify(root.Roles[role], root.Keys);
            return document;
        }
        catch (TufException)
        {
            return null; // It is signed anew.
        }
    }

    private DateTimeOffset? EndOf(string role, string file) => Read(file) is { } bytes ? TufDocument.Read(bytes, role).Expires : null;

    private long? ListedSnapshot() => Read(TufPaths.FileOf(TufRoles.Timestamp)) is { } bytes ? TufTimestamp.Read(bytes).Snapshot.Version : null;

    private Dictionary<string, TufServedList> Lists()
    {
        var lists = new Dictionary<string, TufServedList>(StringComparer.Ordinal);
        if (ListedSnapshot() is not { } listed || Read($"{listed}.{TufPaths.FileOf(TufRoles.Snapshot)}") is not { } snapshot)
            return lists;

        foreach (var (file, meta) in TufSnapshot.Read(snapshot).Files.Where(f => f.Key.EndsWith(Json, StringComparison.Ordinal)))
        {
            var role = file[..^Json.Length];
            if (Read($"{meta.Version}.{TufPaths.FileOf(role)}") is { } bytes && TufTargets.Read(bytes, role).Document is var document)
                lists[role] = new TufServedList(bytes, (int)document.Version, document.Expires);
        }

        return lists;
    }

    private byte[]? LastRoot()
    {
        var version = 1;
        while (System.IO.File.Exists(PathOf($"{version + 1}.root.json")))
            version++;
        return Read($"{version}.root.json");
    }

    private byte[]? Read(string name) => System.IO.File.Exists(PathOf(name)) ? System.IO.File.ReadAllBytes(PathOf(name)) : null;

    private void Write(string name, byte[] bytes) => DurableFile.Replace(PathOf(name), bytes);

    private string PathOf(string name) => Path.Combine(folder, name);
}
