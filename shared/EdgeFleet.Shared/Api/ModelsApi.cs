using EdgeFleet.Shared.Models;

namespace EdgeFleet.Shared.Api;

/// <summary>Body of <c>POST /api/packages</c>: publishes files that were put before, by the digest of their manifest.</summary>
public sealed record PublishRequest(string Manifest, bool AllowUnproven = false);

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
