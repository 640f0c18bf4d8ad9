using System.Text.Json;
using EdgeFleet.ControlPlane.Models;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.ControlPlane.Alerts;

/// <summary>Calibration maps of the packages that raised alerts; empty where there is none, and nothing is then said about how sure an answer is.</summary>
internal sealed class CalibrationMaps(PackageQueries packages, PackageFiles files) : PackageReader<IReadOnlyList<CalibrationStep>>(packages, files, none: [])
{
    /// <inheritdoc/>
    protected override FileRef? FileOf(Manifest manifest) => manifest.Reference;

    /// <inheritdoc/>
    protected override IReadOnlyList<CalibrationStep> Parse(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize(json, WireJson.Default.Reference)?.Calibration ?? [];
}
