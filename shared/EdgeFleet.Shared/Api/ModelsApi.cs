using EdgeFleet.Shared.Models;

namespace EdgeFleet.Shared.Api;

/// <summary>
/// Body of <c>POST /api/packages</c>: publishes files that were put before, by the digest of their manifest. <c>Targets</c> is the list of packages that
/// names this one, signed by the publisher (TUF targets, base64); a fleet with a root asks for it. <c>Family</c> is the family whose list that is; null for
/// the list of the fleet.
/// </summary>
public sealed record PublishRequest(string Manifest, bool AllowUnproven = false, byte[]? Targets = null, string? Family = null);

/// <summary>
/// Answer of <c>GET /api/metadata</c>: by which signed metadata boards check packages. <c>OnlineKey</c> is the public key that the root must name for
/// snapshot and timestamp, as TUF writes keys. <c>Root</c> is null while packages are not signed.
/// </summary>
public sealed record MetadataSummary(string OnlineKey, string? Root, int RootVersion, DateTimeOffset? RootEnds, int TargetsVersion, DateTimeOffset? TargetsEnd)
{
    /// <summary>When the snapshot ends, which the control plane signs anew by itself.</summary>
    public DateTimeOffset? SnapshotEnds { get; init; }

    /// <summary>When the timestamp ends, which the control plane signs anew by itself.</summary>
    public DateTimeOffset? TimestampEnds { get; init; }

    /// <summary>Families of models whose lists other keys sign.</summary>
    public IReadOnlyList<FamilySummary> Families { get; set; } = [];

    /// <summary>True when the control plane should have signed one of the two anew and has not.</summary>
    public bool IsOverdue { get; set; }
}

/// <summary>Body of <c>PUT /api/metadata/root</c>: the next root, and where it retires keys that signed the list of packages, that list signed anew.</summary>
public sealed record RootRequest(byte[] Root, byte[]? Targets = null);

/// <summary>A family of models that has keys of its own. <c>Version</c> is 0 and <c>Ends</c> null while it has no list.</summary>
public sealed record FamilySummary(string Name, IReadOnlyList<string> Paths, IReadOnlyList<string> KeyIds, int Threshold, int Version, DateTimeOffset? Ends);

/// <summary>Body of <c>PUT /api/metadata/lists</c>: the next signed lists by role (<c>targets</c>, or the name of a family), all or none of which come into force.</summary>
public sealed record ListsRequest(IReadOnlyDictionary<string, byte[]> Lists);

/// <summary>Body of <c>POST /api/packages/missing</c>, and its answer: those of the digests that the server does not have.</summary>
public sealed record DigestList(IReadOnlyList<string> Digests);

/// <summary>A published version. <c>State</c> is <c>released</c>, <c>unproven</c> or <c>withdrawn</c>.</summary>
public sealed record PackageSummary(
    string Name,
    string Version,
    string Digest,
    long Size,
    string Task,
    string State,
    string? Reason,
    DateTimeOffset Published,
    string PublishedBy,
    IReadOnlyList<VariantSummary> Variants,
    int RunsOn);

/// <summary>A variant with what the server's own check gave.</summary>
public sealed record VariantSummary(string Name, long Size, double? Agreement, double? Accuracy, string Verdict);

/// <summary>One version with its manifest and report.</summary>
public sealed record PackageDetail(PackageSummary Package, Manifest Manifest, PackageReport Report);
