using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Trust.Tuf;

namespace EdgeFleet.Shared.Trust;

/// <summary>
/// Packages as targets: the manifest of <c>name@version</c> is the target <c>name/version/manifest.json</c>, and the custom data of each target of a model carries the
/// model's release floor, which only rises. Whoever finds one target so knows what may still be installed, and an old list is no list (TUF).
/// </summary>
public static class PackageTargets
{
    private const string Floor = "floor";

    /// <summary>Path of a package's manifest.</summary>
    public static string PathOf(string name, string version) => $"{name}/{version}/manifest.json";

    /// <summary>Pattern of the manifests of all versions of a model.</summary>
    public static string PathsOf(string model) => $"{model}/*/manifest.json";

    /// <summary>The oldest version of its model that may be installed; empty for any.</summary>
    public static string FloorOf(TufTarget target) => target.Custom is { } custom && custom.TryGetProperty(Floor, out var floor) && floor.ValueKind == JsonValueKind.String ? floor.GetString()! : "";

    /// <summary>True when the target is this package: its manifest has the listed length and SHA-256.</summary>
    public static bool Is(TufTarget target, PackageRef package) => target.Length == package.Size
        && target.Hashes.TryGetValue("sha256", out var hash) && string.Equals(hash, package.Digest.Value, StringComparison.OrdinalIgnoreCase);

    /// <summary>Why a version is below a floor; null when it is not.</summary>
    /// <param name="version">The version.</param>
    /// <param name="floor">The floor, empty for none.</param>
    /// <param name="model">Name of the model.</param>
    public static string? BelowFloor(string version, string floor, string model) => floor.Length > 0 && ReleaseVersion.Compare(version, floor) < 0
        ? $"{model}@{version} is below the release floor of {model}, which is {floor}: its publisher takes older versions back. Wish {floor} or newer."
        : null;

    /// <summary>Lists a package and gives every version of its model the floor that counts from now on.</summary>
    /// <returns>What stands against it; null when it is listed.</returns>
    public static string? Add(TufTargetsDraft draft, PackageRef package, string floor)
    {
        var family = draft.Targets.Where(t => ModelOf(t.Key) == package.Name).ToDictionary(t => t.Key, t => t.Value);
        var path = PathOf(package.Name, package.Version);
        if (family.TryGetValue(path, out var listed) && !Is(listed, package))
            return $"{package.Label} is listed with other content. A version never changes: pack this one under a new version.";

        var raised = family.Values.Select(FloorOf).Append(floor).Aggregate("", ReleaseVersion.Later);
        if (BelowFloor(package.Version, raised, package.Name) is { } below)
            return below;
        foreach (var (other, target) in family)
            draft.Set(other, target.Length, target.Hashes["sha256"], Custom(raised));
        draft.Set(path, package.Size, package.Digest.Value, Custom(raised));
        return null;
    }

    /// <summary>Takes a target from one list to another, with its floor.</summary>
    public static void Move(TufTargetsDraft from, TufTargetsDraft to, string path, TufTarget target)
    {
        from.Remove(path);
        to.Set(path, target.Length, target.Hashes["sha256"], Custom(FloorOf(target)));
    }

    /// <summary>What is wrong with a list that is to follow another one: a version that changed, a floor that sank, or a package that is not in it.</summary>
    /// <param name="before">The list in force; null for none.</param>
    /// <param name="next">The list to follow it.</param>
    /// <param name="package">A package that it must list; null for none.</param>
    /// <param name="floor">The floor that the package's own manifest asks for.</param>
    public static string? FaultIn(TufTargetsDraft? before, TufTargetsDraft next, PackageRef? package = null, string floor = "") =>
        FaultIn(before?.Targets ?? new Dictionary<string, TufTarget>(), next.Targets, package, floor);

    /// <summary>The same of all lists together, the families' among them.</summary>
    /// <param name="old">All that was listed.</param>
    /// <param name="now">All that will be.</param>
    /// <param name="package">A package that must be among it; null for none.</param>
    /// <param name="floor">The floor that the package's own manifest asks for.</param>
    public static string? FaultIn(IReadOnlyDictionary<string, TufTarget> old, IReadOnlyDictionary<string, TufTarget> now, PackageRef? package, string floor)
    {
        foreach (var (path, target) in now)
        {
            if (old.TryGetValue(path, out var earlier) && (earlier.Length != target.Length || !earlier.Hashes.OrderBy(h => h.Key).SequenceEqual(target.Hashes.OrderBy(h => h.Key))))
                return $"'{path}' is listed with other content than before. A version never changes: pack it under a new one.";

            var highest = old.Where(t => ModelOf(t.Key) == ModelOf(path)).Select(t => FloorOf(t.Value)).Aggregate("", ReleaseVersion.Later);
            if (Sinks(FloorOf(target), highest))
                return $"'{path}' has the release floor '{FloorOf(target)}', and its model's is {highest} already. A floor only rises.";
        }

        if (package is null)
            return null;
        if (!now.TryGetValue(PathOf(package.Name, package.Version), out var found) || !Is(found, package))
            return $"it does not list {package.Label} with the digest {package.Digest.Short}... and {package.Size} bytes.";
        return Sinks(FloorOf(found), floor) ? $"it lists {package.Label} with the release floor '{FloorOf(found)}', and the manifest asks for {floor}." : null;
    }

    private static bool Sinks(string floor, string least) => least.Length > 0 && (floor.Length == 0 || ReleaseVersion.Compare(floor, least) < 0);

    private static JsonObject? Custom(string floor) => floor.Length == 0 ? null : new JsonObject { [Floor] = floor };

    private static string ModelOf(string path) => path.Split('/')[0];
}
