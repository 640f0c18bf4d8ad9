using System.Collections.Concurrent;
using System.Text.Json;
using EdgeFleet.ControlPlane.Models;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.ControlPlane.Alerts;

/// <summary>Advice of the packages that raised alerts, read once each: a package never changes.</summary>
internal sealed class PackageAdvice(PackageQueries packages, PackageFiles files)
{
    private readonly ConcurrentDictionary<string, AdviceTexts?> _read = new();

    /// <summary>The advice of a model, given as <c>name@version</c>; null when it is not published here or has none.</summary>
    public async Task<AdviceTexts?> FindAsync(string model, CancellationToken cancel)
    {
        if (_read.TryGetValue(model, out var known))
            return known;
        if (model.Split('@') is not [var name, var version] || await packages.FindAsync(name, version, cancel) is not { } package)
            return null;
        if (package.Manifest.Advice is not { } file)
            return _read[model] = null;

        try
        {
            return _read[model] = JsonSerializer.Deserialize(await File.ReadAllBytesAsync(files.PathOf(file.Digest), cancel), WireJson.Default.AdviceTexts);
        }
        catch (Exception e) when (e is JsonException or IOException)
        {
            return null; // An alert without advice is still an alert.
        }
    }
}
