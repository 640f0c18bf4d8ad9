using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Trust.Tuf;

namespace EdgeFleet.ControlPlane.Pages;

/// <summary>What needs a person about the signed lists by which boards check packages: lists that end soon, and those that the control plane should have signed anew and has not.</summary>
internal static class SignedListNeeds
{
    private const string Link = "/models";
    private static readonly TimeSpan Soon = TimeSpan.FromDays(30);

    /// <summary>All there is.</summary>
    /// <param name="read">Reads what is in force.</param>
    /// <param name="now">When it is.</param>
    public static IReadOnlyList<Need> Of(Func<MetadataSummary> read, DateTimeOffset now)
    {
        try
        {
            return [.. Of(read(), now)];
        }
        catch (TufException e)
        {
            return [new Need("critical", "critical", "Signed lists", $"The signed lists of packages cannot be read, so boards take no new package: {e.Message} Bring them back from the backup (`packages/metadata` of the data folder).", "Look", Link)];
        }
    }

    private static IEnumerable<Need> Of(MetadataSummary metadata, DateTimeOffset now)
    {
        if (metadata.RootEnds is { } root && root - now < Soon)
            yield return Ending("The root by which boards check packages", root, now, "Make the next one: `edgefleet key rotate ROOT NEXT --role root`, then `key sign` and `key publish`.");
        if (metadata.TargetsEnd is { } list && list - now < Soon)
            yield return Ending("The signed list of packages", list, now, "Sign it anew, by any package in it: `edgefleet model push PACKAGE --key PUBLISHER.key`");

        foreach (var family in metadata.Families.Where(f => f.Ends - now < Soon))
            yield return Ending($"The signed list of the family {family.Name}", family.Ends!.Value, now, "Sign it anew, by any package in it: `edgefleet model push PACKAGE --key FAMILY.key`");

        if (metadata is { IsOverdue: true, SnapshotEnds: { } snapshot, TimestampEnds: { } timestamp })
            yield return Ending("What the control plane signs about the lists of packages", timestamp < snapshot ? timestamp : snapshot, now, "It signs this anew by itself, and has not: the log says why. `journalctl -u edgefleet-controlplane`");
    }

    private static Need Ending(string what, DateTimeOffset ends, DateTimeOffset now, string remedy) => new(
        "critical", "critical", "Signed lists",
        ends > now
            ? $"{what} ends in {Words.Count((long)(ends - now).TotalDays, "day")}; boards take no new package from then on. {remedy}"
            : $"{what} ended {Words.Moment(ends)}; boards take no new package. {remedy}",
        "Look", Link);
}
