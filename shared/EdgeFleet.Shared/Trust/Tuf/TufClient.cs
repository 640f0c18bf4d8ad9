namespace EdgeFleet.Shared.Trust.Tuf;

/// <summary>
/// A client of TUF 1.0.34: refreshes what is trusted, finds a file in the delegations, and downloads it. It judges nothing itself
/// (<see cref="TufTrust"/>) and has no network of its own.
/// </summary>
/// <param name="store">Trusted metadata kept here, beginning with a root.</param>
/// <param name="repository">Where the repository is.</param>
/// <param name="limits">How much of it is read at most.</param>
public sealed class TufClient(TufStore store, TufRepository repository, TufLimits? limits = null)
{
    private readonly TufLimits _limits = limits ?? new TufLimits();
    private TufTrust? _trust;
    private TufTargets? _targets;

    /// <summary>Brings root, timestamp, snapshot and targets up to date. What passed is kept, even when a later step fails.</summary>
    /// <param name="now">When it is: one time for the whole refresh and for what is found after it.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <exception cref="TufException">The repository, or the root kept here, cannot be trusted.</exception>
    /// <exception cref="IOException">The repository did not answer, or the disk refused.</exception>
    public async Task RefreshAsync(DateTimeOffset now, CancellationToken cancel = default)
    {
        (_trust, _targets) = (null, null);
        var root = store.Read(TufRoles.Root, _limits.RootBytesMax) ?? throw new TufException(TufFault.Missing, TufRoles.Root, "no root is kept here.");
        var trust = new TufTrust(root, now);
        await RefreshRootAsync(trust, cancel);
        await RefreshTimestampAsync(trust, cancel);
        await RefreshSnapshotAsync(trust, cancel);
        _targets = await LoadTargetsAsync(trust, TufRoles.Targets, trust.Root.Roles[TufRoles.Targets], trust.Root.Keys, cancel);
        _trust = trust;
    }

    /// <summary>
    /// Finds a file: the targets document first, then those it delegates to, in order and depth first (5.6.7). Null when none of them lists it.
    /// </summary>
    /// <exception cref="TufException">A document on the way cannot be trusted: the search ends there.</exception>
    /// <exception cref="IOException">The repository did not answer, or the disk refused.</exception>
    /// <exception cref="InvalidOperationException">There was no refresh before it.</exception>
    public async Task<TufTarget?> FindAsync(string path, CancellationToken cancel = default)
    {
        var trust = Refreshed();
        var visited = new HashSet<string>(StringComparer.Ordinal) { TufRoles.Targets };
        var waiting = new Stack<(TufDelegation Delegation, TufDelegations By)>();
        var current = _targets!;
        while (true)
        {
            if (current.Files.TryGetValue(path, out var target))
                return target;

            Descend(current, path, waiting);
            while (waiting.TryPeek(out var seen) && visited.Contains(seen.Delegation.Name))
                waiting.Pop();
            if (!waiting.TryPop(out var next) || visited.Count > _limits.DelegationsMax)
                return null;

            visited.Add(next.Delegation.Name);
            current = await LoadTargetsAsync(trust, next.Delegation.Name, next.Delegation.Role, next.By.Keys, cancel);
        }
    }

    /// <summary>Downloads a file and checks its length and hashes.</summary>
    /// <exception cref="TufException">It is not there, or not the one that is listed.</exception>
    /// <exception cref="IOException">The repository did not answer.</exception>
    /// <exception cref="InvalidOperationException">There was no refresh before it.</exception>
    public async Task<byte[]> DownloadAsync(TufTarget target, CancellationToken cancel = default)
    {
        if (target.Length > _limits.FileBytesMax)
            throw new TufException(TufFault.TooLong, target.Path, $"it has {target.Length} bytes; at most {_limits.FileBytesMax} are downloaded.");

        var hash = TufHashes.First(target.Hashes) ?? throw new TufException(TufFault.Mismatch, target.Path, $"none of its hashes ({string.Join(", ", target.Hashes.Keys)}) is known here.");
        var file = TufPaths.FileOf(target.Path, Refreshed().Root.IsConsistent ? hash : null);
        var bytes = await FetchAsync(repository.Targets, target.Path, file, target.Length, cancel)
            ?? throw new TufException(TufFault.Missing, target.Path, "the repository lists the file and does not have it.");
        return target.Matches(bytes) ? bytes : throw new TufException(TufFault.Mismatch, target.Path, "the file has another length or hash than is listed.");
    }

    private TufTrust Refreshed() => _trust ?? throw new InvalidOperationException("Refresh before looking for files.");

    // The delegation that comes first must be popped first; a terminating one leaves nothing behind it.
    private static void Descend(TufTargets targets, string path, Stack<(TufDelegation, TufDelegations)> waiting)
    {
        if (targets.Delegations is not { } delegations)
            return;

        var children = new List<TufDelegation>();
        foreach (var child in delegations.For(path))
        {
            children.Add(child);
            if (!child.IsTerminating)
                continue;
            waiting.Clear();
            break;
        }

        foreach (var child in Enumerable.Reverse(children))
            waiting.Push((child, delegations));
    }

    private async Task RefreshRootAsync(TufTrust trust, CancellationToken cancel)
    {
        for (var roots = 0; roots < _limits.RootsMax; roots++)
        {
            var file = $"{trust.Root.Document.Version + 1}.{TufPaths.FileOf(TufRoles.Root)}";
            if (await FetchAsync(repository.Metadata, TufRoles.Root, file, _limits.RootBytesMax, cancel) is not { } bytes)
                break;
            trust.TakeRoot(bytes);
            store.Write(TufRoles.Root, bytes);
        }

        trust.CheckRoot();
    }

    private async Task RefreshTimestampAsync(TufTrust trust, CancellationToken cancel)
    {
        Keep(TufRoles.Timestamp, _limits.TimestampBytesMax, trust.KeepTimestamp);
        var bytes = await FetchAsync(repository.Metadata, TufRoles.Timestamp, TufPaths.FileOf(TufRoles.Timestamp), _limits.TimestampBytesMax, cancel)
            ?? throw new TufException(TufFault.Missing, TufRoles.Timestamp, "the repository has none.");
        if (trust.TakeTimestamp(bytes))
            store.Write(TufRoles.Timestamp, bytes);
    }

    private async Task RefreshSnapshotAsync(TufTrust trust, CancellationToken cancel)
    {
        Keep(TufRoles.Snapshot, _limits.SnapshotBytesMax, trust.KeepSnapshot);
        if (trust.Snapshot is not null)
            return;

        var bytes = await FetchAsync(trust, TufRoles.Snapshot, trust.Timestamp!.Snapshot, _limits.SnapshotBytesMax, cancel);
        trust.TakeSnapshot(bytes);
        store.Write(TufRoles.Snapshot, bytes);
    }

    private async Task<TufTargets> LoadTargetsAsync(TufTrust trust, string name, TufRole role, IReadOnlyDictionary<string, TufKey> keys, CancellationToken cancel)
    {
        TufTargets? kept = null;
        Keep(name, _limits.TargetsBytesMax, bytes => kept = trust.ReadTargets(bytes, name, role, keys));
        if (kept is not null)
            return kept;

        var bytes = await FetchAsync(trust, name, trust.MetaOf(name), _limits.TargetsBytesMax, cancel);
        var targets = trust.ReadTargets(bytes, name, role, keys);
        store.Write(name, bytes);
        return targets;
    }

    // What is kept here and does not pass any more is not trusted, and no fault of the repository's.
    private void Keep(string role, int bytesMax, Action<byte[]> take)
    {
        if (store.Read(role, bytesMax) is not { } bytes)
            return;

        try
        {
            take(bytes);
        }
        catch (TufException)
        {
            // It is fetched anew.
        }
    }

    private async Task<byte[]> FetchAsync(TufTrust trust, string role, TufMeta meta, int bytesMax, CancellationToken cancel)
    {
        var file = trust.Root.IsConsistent ? $"{meta.Version}.{TufPaths.FileOf(role)}" : TufPaths.FileOf(role);
        return await FetchAsync(repository.Metadata, role, file, Math.Min(meta.Length ?? bytesMax, bytesMax), cancel)
            ?? throw new TufException(TufFault.Missing, role, $"the repository does not have version {meta.Version}, which it lists.");
    }

    private static async Task<byte[]?> FetchAsync(TufFetch fetch, string role, string file, long bytesMax, CancellationToken cancel)
    {
        var bytes = await fetch(file, bytesMax, cancel);
        return bytes is null || bytes.Length <= bytesMax ? bytes : throw new TufException(TufFault.TooLong, role, $"it has more than {bytesMax} bytes.");
    }
}
