using EdgeFleet.Shared.Identity;

namespace EdgeFleet.ControlPlane.Enrolment;

/// <summary>What may stand as site and tags. Pure.</summary>
internal static class TokenRules
{
    /// <summary>Most tags of a device.</summary>
    public const int TagsMax = 16;

    /// <summary>What is wrong with them; null when nothing is.</summary>
    public static string? FaultIn(string? site, IReadOnlyCollection<string>? tags)
    {
        if (site is { Length: > 0 } && !Names.IsDnsLabel(site, 1, 63))
            return $"'{site}' is not a site: 1 to 63 characters of a-z, 0-9 and '-', for example north-farm.";
        if (tags is { Count: > TagsMax })
            return $"There are {tags.Count} tags; a device has at most {TagsMax}.";
        return tags?.FirstOrDefault(t => !Names.IsDnsLabel(t, 1, 63)) is { } tag
            ? $"'{tag}' is not a tag: 1 to 63 characters of a-z, 0-9 and '-', for example lab."
            : null;
    }
}
