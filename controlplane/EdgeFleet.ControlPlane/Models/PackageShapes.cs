using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeFleet.ModelPrep.Packing;
using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.ControlPlane.Models;

/// <summary>Rows of packages as the API shows them.</summary>
internal static class PackageShapes
{
    /// <summary>Split by which accuracy is shown, the first that is there.</summary>
    private static readonly string[] Splits = ["test", "val"];

    /// <summary>A row in a list.</summary>
    public static PackageSummary Summary(PublishedPackage package, int runsOn)
    {
        var manifest = Manifest(package);
        return new PackageSummary(
            package.Name, package.Version, package.Digest.Value, package.Size, manifest.Task, package.State.ToString().ToLowerInvariant(), package.Reason,
            Time(package.Published), package.PublishedBy, JsonSerializer.Deserialize(package.Variants, PackageJson.Default.IReadOnlyListVariantSummary)!, runsOn);
    }

    /// <summary>The manifest of a row. It was read before it was stored.</summary>
    public static Manifest Manifest(PublishedPackage package) => JsonSerializer.Deserialize(package.Manifest, WireJson.Default.Manifest)!;

    /// <summary>The limits of shadow that a manifest has; null for none. Nothing else of it is read.</summary>
    public static ShadowLimits? Shadow(PublishedPackage package)
    {
        using var manifest = JsonDocument.Parse(package.Manifest);
        return manifest.RootElement.TryGetProperty("shadow", out var limits) ? limits.Deserialize(WireJson.Default.ShadowLimits) : null;
    }

    /// <summary>A report.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    public static PackageReport? Report(byte[] bytes) => JsonSerializer.Deserialize(bytes, WireJson.Default.PackageReport);

    /// <summary>The variants with the server's own verdict and, from the report, their accuracy.</summary>
    public static string Variants(Manifest manifest, PackageReport? report, PackageVerdict verdict)
    {
        var rows = manifest.Variants.Select(v =>
        {
            var judged = verdict.Variants.FirstOrDefault(j => j.Name == v.Name);
            var scores = report?.Variants.FirstOrDefault(r => r.Name == v.Name)?.Splits;
            var score = scores is null ? null : Splits.Select(s => scores.GetValueOrDefault(s)).FirstOrDefault(s => s is not null);
            return new VariantSummary(v.Name, v.File.Size, judged?.Agreement, score?.Accuracy, judged?.Summary ?? "was not checked.");
        });
        return JsonSerializer.Serialize<IReadOnlyList<VariantSummary>>([.. rows], PackageJson.Default.IReadOnlyListVariantSummary);
    }

    /// <summary>Unix ms as a moment.</summary>
    public static DateTimeOffset Time(long at) => DateTimeOffset.FromUnixTimeMilliseconds(at);
}

/// <summary>JSON of what packages keep in their rows.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(IReadOnlyList<VariantSummary>))]
internal sealed partial class PackageJson : JsonSerializerContext;
