namespace EdgeFleet.Shared.Trust.Tuf;

/// <summary>A list of targets as it is served: the repository's own, or a family's.</summary>
/// <param name="Bytes">The list.</param>
/// <param name="Version">Its version.</param>
/// <param name="Ends">When it ends.</param>
public sealed record TufServedList(byte[] Bytes, int Version, DateTimeOffset Ends);

/// <summary>Which lists of targets may follow those that are served: signed as the root, or the list above, says; of a later version; and none is left behind that nobody would trust any more. Pure.</summary>
internal static class TufListJudge
{
    /// <summary>Refuses lists that may not follow.</summary>
    /// <param name="root">The root that is or will be in force.</param>
    /// <param name="served">Lists that are served, by role.</param>
    /// <param name="next">Lists that are to follow, by role.</param>
    /// <param name="limits">How much clients read.</param>
    /// <param name="now">When it is.</param>
    /// <exception cref="TufException">They are refused.</exception>
    public static void Judge(TufRoot root, IReadOnlyDictionary<string, TufServedList> served, IReadOnlyDictionary<string, byte[]> next, TufLimits limits, DateTimeOffset now)
    {
        if (next.TryGetValue(TufRoles.Targets, out var top))
            Check(root.Roles[TufRoles.Targets], root.Keys, TufRoles.Targets, top);
        top ??= served.GetValueOrDefault(TufRoles.Targets)?.Bytes ?? throw new TufException(TufFault.Missing, TufRoles.Targets, "there is no list of packages yet, which would say who may sign another one.");
        var delegations = TufTargets.Read(top, TufRoles.Targets).Delegations;
        foreach (var (name, bytes) in next.Where(l => l.Key != TufRoles.Targets))
        {
            var delegation = Delegation(name);
            Check(delegation.Role, delegations!.Keys, name, bytes);
            if (TufTargets.Read(bytes, name).Files.Keys.FirstOrDefault(p => !delegation.Covers(p)) is { } stray)
                throw new TufException(TufFault.Mismatch, name, $"it lists '{stray}', which is none of its family's: {string.Join(", ", delegation.Paths ?? [])}.");
        }

        foreach (var (name, list) in served.Where(l => l.Key != TufRoles.Targets && !next.ContainsKey(l.Key)))
            CheckStillSigned(name, list.Bytes, Delegation(name), delegations!);

        TufDelegation Delegation(string name) => delegations?.Roles.FirstOrDefault(r => r.Name == name)
            ?? throw new TufException(TufFault.Unsigned, name, "the list of packages leaves nothing to a family of this name. A family that was there stays: give it other keys.");

        void Check(TufRole role, IReadOnlyDictionary<string, TufKey> keys, string name, byte[] bytes)
        {
            if (bytes.Length > limits.TargetsBytesMax)
                throw new TufException(TufFault.TooLong, name, $"it has {bytes.Length} bytes; clients read {limits.TargetsBytesMax}.");
            var document = TufTargets.Read(bytes, name).Document;
            document.Verify(role, keys);
            var expected = (served.GetValueOrDefault(name)?.Version ?? 0) + 1;
            if (document.Version < expected)
                throw new TufException(TufFault.Rollback, name, $"version {document.Version} came where {expected} follows. Somebody else may have published meanwhile: begin with what is in force now, and sign again.");
            document.CheckExpiry(now);
        }
    }

    private static void CheckStillSigned(string name, byte[] bytes, TufDelegation delegation, TufDelegations by)
    {
        try
        {
            TufTargets.Read(bytes, name).Document.Verify(delegation.Role, by.Keys);
        }
        catch (TufException e) when (e.Fault == TufFault.Unsigned)
        {
            throw new TufException(TufFault.Unsigned, TufRoles.Targets, $"it retires keys that signed the list of the family {name}, which boards would then refuse. Bring that list signed anew: edgefleet key family {name} ... --sign NEW.key");
        }
    }
}
