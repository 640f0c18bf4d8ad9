namespace EdgeFleet.Shared.Trust.Tuf;

/// <summary>
/// What is trusted in one refresh, and the rules by which more is taken in (TUF 1.0.34, 5.3 to 5.6): in the order root, timestamp, snapshot,
/// targets; each signed as the one above says, never older than what was trusted, and not expired at the time the refresh began.
/// </summary>
internal sealed class TufTrust
{
    private readonly DateTimeOffset _now;
    private TufSnapshot? _previous;

    /// <summary>Begins with the root that is kept here. Whether it is expired does not matter: it only leads to newer ones.</summary>
    public TufTrust(byte[] root, DateTimeOffset now)
    {
        (Root, _now) = (TufRoot.Read(root), now);
        Verify(Root.Document, Root);
    }

    public TufRoot Root { get; private set; }

    public TufTimestamp? Timestamp { get; private set; }

    public TufSnapshot? Snapshot { get; private set; }

    /// <summary>Takes the next root: signed as the last one says, and as it says itself.</summary>
    public void TakeRoot(byte[] bytes)
    {
        var next = TufRoot.Read(bytes);
        Verify(next.Document, Root);
        if (next.Document.Version != Root.Document.Version + 1)
            throw new TufException(TufFault.Rollback, TufRoles.Root, $"version {next.Document.Version} came where {Root.Document.Version + 1} was asked.");
        Verify(next.Document, next);
        Root = next;
    }

    /// <summary>Refuses to go on when the last root is expired.</summary>
    public void CheckRoot() => Root.Document.CheckExpiry(_now);

    /// <summary>Takes the timestamp that is kept here, expired or not: it guards against older ones. One that today's keys did not sign is not taken.</summary>
    public void KeepTimestamp(byte[] bytes)
    {
        var kept = TufTimestamp.Read(bytes);
        Verify(kept.Document, Root);
        Timestamp = kept;
    }

    /// <summary>Takes a timestamp; false when it has the version of the one that is kept, which then stays.</summary>
    public bool TakeTimestamp(byte[] bytes)
    {
        var next = TufTimestamp.Read(bytes);
        Verify(next.Document, Root);
        if (Timestamp is { } kept)
        {
            if (next.Document.Version < kept.Document.Version)
                throw new TufException(TufFault.Rollback, TufRoles.Timestamp, $"version {next.Document.Version} came after {kept.Document.Version}.");
            if (next.Document.Version == kept.Document.Version)
            {
                kept.Document.CheckExpiry(_now);
                return false;
            }

            if (next.Snapshot.Version < kept.Snapshot.Version)
                throw new TufException(TufFault.Rollback, TufRoles.Timestamp, $"it names snapshot {next.Snapshot.Version} after {kept.Snapshot.Version}.");
        }

        next.Document.CheckExpiry(_now);
        Timestamp = next;
        return true;
    }

    /// <summary>Takes the snapshot that is kept here: it guards against older ones, and is the one of today when version and end say so.</summary>
    public void KeepSnapshot(byte[] bytes)
    {
        var kept = TufSnapshot.Read(bytes);
        Verify(kept.Document, Root);
        _previous = kept;
        if (kept.Document.Version == Timestamp!.Snapshot.Version && _now < kept.Document.Expires)
            Snapshot = kept;
    }

    /// <summary>Takes the snapshot that the timestamp names.</summary>
    public void TakeSnapshot(byte[] bytes)
    {
        var meta = Timestamp!.Snapshot;
        CheckHashes(bytes, TufRoles.Snapshot, meta);
        var next = TufSnapshot.Read(bytes);
        Verify(next.Document, Root);
        CheckVersion(next.Document, meta);
        foreach (var (file, before) in _previous?.Files ?? new Dictionary<string, TufMeta>())
        {
            if (!next.Files.TryGetValue(file, out var after))
                throw new TufException(TufFault.Rollback, TufRoles.Snapshot, $"it lists '{file}' no more.");
            if (after.Version < before.Version)
                throw new TufException(TufFault.Rollback, TufRoles.Snapshot, $"it lists version {after.Version} of '{file}' after {before.Version}.");
        }

        next.Document.CheckExpiry(_now);
        Snapshot = next;
    }

    /// <summary>What the snapshot says about a targets document.</summary>
    public TufMeta MetaOf(string role) => Snapshot!.Files.TryGetValue($"{role}.json", out var meta)
        ? meta
        : throw new TufException(TufFault.Mismatch, role, "the snapshot does not list it.");

    /// <summary>Reads a targets document against the snapshot and against who delegates to it now; a document that passed for another delegator proves nothing.</summary>
    public TufTargets ReadTargets(byte[] bytes, string name, TufRole role, IReadOnlyDictionary<string, TufKey> keys)
    {
        var meta = MetaOf(name);
        CheckHashes(bytes, name, meta);
        var targets = TufTargets.Read(bytes, name);
        targets.Document.Verify(role, keys);
        CheckVersion(targets.Document, meta);
        targets.Document.CheckExpiry(_now);
        return targets;
    }

    private static void Verify(TufDocument document, TufRoot root) => document.Verify(root.Roles[document.Role], root.Keys);

    private static void CheckHashes(byte[] bytes, string role, TufMeta meta)
    {
        if (!TufHashes.Match(bytes, meta.Length, meta.Hashes))
            throw new TufException(TufFault.Mismatch, role, $"version {meta.Version} has another length or hash than is listed.");
    }

    private static void CheckVersion(TufDocument document, TufMeta meta)
    {
        if (document.Version != meta.Version)
            throw new TufException(TufFault.Mismatch, document.Role, $"version {document.Version} came where {meta.Version} is listed.");
    }
}
