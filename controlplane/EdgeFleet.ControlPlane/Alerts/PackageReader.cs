using System.Collections.Concurrent;
using System.Text.Json;
using EdgeFleet.ControlPlane.Models;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.ControlPlane.Alerts;

/// <summary>One file of each package that raised alerts, read once: a package never changes.</summary>
/// <param name="packages">Packages that are published here.</param>
/// <param name="files">Their files.</param>
/// <param name="none">What stands for a package that has no such file, is not published here, or cannot be read: an alert without it is still an alert.</param>
internal abstract class PackageReader<T>(PackageQueries packages, PackageFiles files, T none)
{
    private readonly ConcurrentDictionary<string, T> _read = new();

    /// <summary>What the file of a model says, given as <c>name@version</c>.</summary>
    public async Task<T> FindAsync(string model, CancellationToken cancel)
    {
        if (_read.TryGetValue(model, out var known))
            return known;
        if (model.Split('@') is not [var name, var version] || await packages.FindAsync(name, version, cancel) is not { } package)
            return none;
        if (FileOf(package.Manifest) is not { } file)
            return _read[model] = none;

        try
        {
            return _read[model] = Parse(await File.ReadAllBytesAsync(files.PathOf(file.Digest), cancel));
        }
        catch (Exception e) when (e is JsonException or IOException)
        {
            return none;
        }
    }

    /// <summary>The file; null when the package has none.</summary>
    protected abstract FileRef? FileOf(Manifest manifest);

    /// <summary>What it says.</summary>
    /// <exception cref="JsonException">It cannot be read.</exception>
    protected abstract T Parse(ReadOnlySpan<byte> json);
}
