using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Trust;
using EdgeFleet.Shared.Trust.Tuf;

namespace EdgeFleet.ControlPlane.Models;

/// <summary>
/// What must hold of the fleet's list and the families' lists together, beyond what TUF asks for: a model is in one list, its versions never change and its floor only
/// rises, also when it moves to a family; and no family's key stands on the server. Pure.
/// </summary>
internal static class FamilyLists
{
    /// <summary>What stands against lists that are to follow those in force; null when nothing does.</summary>
    /// <param name="served">What is in force.</param>
    /// <param name="next">The next lists, by role.</param>
    /// <param name="online">The control plane's own key.</param>
    /// <param name="package">A package that must be listed; null for none.</param>
    /// <param name="floor">The floor that its manifest asks for.</param>
    public static string? FaultIn(TufServed? served, IReadOnlyDictionary<string, byte[]> next, TufKey online, PackageRef? package, string floor)
    {
        var before = Read(served);
        var after = new Dictionary<string, TufTargetsDraft>(before);
        foreach (var (role, bytes) in next)
            after[role] = TufTargetsDraft.Read(bytes);
        var top = after.GetValueOrDefault(TufRoles.Targets);
        var families = top?.Families ?? [];

        if (families.FirstOrDefault(f => f.Has(online)) is { } stolen)
            return $"The family {stolen.Name} would be signed by the key that stands on the server. Give it a key that is kept elsewhere.";
        if (top?.Targets.Keys.Select(p => (Path: p, Family: families.FirstOrDefault(f => f.Covers(p)))).FirstOrDefault(p => p.Family is not null) is { Family: { } owner } stray)
            return $"'{stray.Path}' belongs to the family {owner.Name} and stands in the list of the fleet. {Sign(owner)}";
        if (package is not null && families.FirstOrDefault(f => f.Covers(PackageTargets.PathOf(package.Name, package.Version))) is var family && !next.ContainsKey(family?.Name ?? TufRoles.Targets))
            return family is null ? $"{package.Name} belongs to no family: its package stands in the list of the fleet." : $"{package.Name} belongs to the family {family.Name}. {Sign(family)}";

        return PackageTargets.FaultIn(All(before), All(after), package, floor);
    }

    private static string Sign(TufFamily family) => $"Sign it with {family.Threshold} of the family's keys: {string.Join(", ", family.Keys.Select(k => k.NewId()[..12]))}.";

    private static Dictionary<string, TufTargetsDraft> Read(TufServed? served)
    {
        var lists = served?.Families.ToDictionary(f => f.Key, f => TufTargetsDraft.Read(f.Value.Bytes)) ?? [];
        if (served?.Targets is { } targets)
            lists[TufRoles.Targets] = TufTargetsDraft.Read(targets);
        return lists;
    }

    // A model is in one list, so that no path is in two.
    private static Dictionary<string, TufTarget> All(Dictionary<string, TufTargetsDraft> lists) =>
        lists.Values.SelectMany(l => l.Targets).GroupBy(t => t.Key).ToDictionary(g => g.Key, g => g.First().Value);
}
