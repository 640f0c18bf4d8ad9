using System.Collections.Concurrent;
using System.Text.Json;
using EdgeFleet.ControlPlane.Models;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.ControlPlane.Alerts;

/// <summary>Calibration maps of the packages that raised alerts, read once each: a package never changes.</summary>
internal sealed class CalibrationMaps(PackageQueries packages, PackageFiles files)
{
    private readonly ConcurrentDictionary<string, IReadOnlyList<CalibrationStep>> _read = new();

    /// <summary>The map of a model, given as <c>name@version</c>; empty when it is not published here or has none.</summary>
    public async Task<IReadOnlyList<CalibrationStep>> FindAsync(string model, CancellationToken cancel)
    {
        if (_read.TryGetValue(model, out var known))
            return known;
        if (model.Split('@') is not [var name, var version] || await packages.FindAsync(name, version, cancel) is not { } package)
            return [];

        var path = files.PathOf(package.Manifest.Reference.Digest);
        try
        {
            var reference = JsonSerializer.Deserialize(await File.ReadAllBytesAsync(path, cancel), WireJson.Default.Reference);
            return _read[model] = reference?.Calibration ?? [];
        }
        catch (Exception e) when (e is JsonException or IOException)
        {
            return []; // Without a map nothing is said about how sure an answer is.
        }
    }
}
