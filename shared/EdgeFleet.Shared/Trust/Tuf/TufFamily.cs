namespace EdgeFleet.Shared.Trust.Tuf;

/// <summary>A family of paths that the list of targets leaves to keys of its own (a delegated role): their list alone says what is there below those paths.</summary>
/// <param name="Name">Name of the role and of its list.</param>
/// <param name="Keys">Keys that may sign its list.</param>
/// <param name="Threshold">How many of them must.</param>
/// <param name="Paths">Patterns of the paths; <c>*</c> stands for anything but a slash.</param>
public sealed record TufFamily(string Name, IReadOnlyList<TufKey> Keys, int Threshold, IReadOnlyList<string> Paths)
{
    /// <summary>True when a path is one of the family's.</summary>
    public bool Covers(string path) => Paths.Any(p => TufPaths.Matches(p, path));

    /// <summary>True when a key is one of the family's, whatever it is called.</summary>
    public bool Has(TufKey key) => Keys.Any(k => k.Material == key.Material);

    /// <summary>True when enough of its keys signed a list.</summary>
    public bool Trusts(TufTargetsDraft list) => Keys.DistinctBy(k => k.Material).Count(list.IsSignedBy) >= Threshold;

    internal static TufFamily Of(TufDelegation delegation, IReadOnlyDictionary<string, TufKey> keys) =>
        new(delegation.Name, [.. delegation.Role.KeyIds.Where(keys.ContainsKey).Select(id => keys[id])], delegation.Role.Threshold, delegation.Paths ?? []);
}
