using System.Collections.Concurrent;
using EdgeFleet.ControlPlane.Models;

namespace EdgeFleet.ControlPlane.Alerts;

/// <summary>Labels of the models that raised alerts, read once each: a package never changes.</summary>
internal sealed class ModelLabels(PackageQueries packages)
{
    private readonly ConcurrentDictionary<string, IReadOnlyList<string>> _read = new();

    /// <summary>The labels of a model, given as <c>name@version</c>; empty when it is not published here.</summary>
    public async Task<IReadOnlyList<string>> FindAsync(string model, CancellationToken cancel)
    {
        if (_read.TryGetValue(model, out var known))
            return known;
        return model.Split('@') is [var name, var version] && await packages.FindAsync(name, version, cancel) is { } package
            ? _read[model] = package.Manifest.Output.Labels
            : [];
    }
}
