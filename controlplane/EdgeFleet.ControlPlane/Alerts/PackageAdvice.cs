using System.Text.Json;
using EdgeFleet.ControlPlane.Models;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.ControlPlane.Alerts;

/// <summary>Advice of the packages that raised alerts; null where there is none.</summary>
internal sealed class PackageAdvice(PackageQueries packages, PackageFiles files) : PackageReader<AdviceTexts?>(packages, files, none: null)
{
    /// <inheritdoc/>
    protected override FileRef? FileOf(Manifest manifest) => manifest.Advice;

    /// <inheritdoc/>
    protected override AdviceTexts? Parse(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize(json, WireJson.Default.AdviceTexts);
}
