using System.Text.Json;

namespace EdgeFleet.Testing.Tuf;

/// <summary>A case of the public conformance suite (theupdateframework/tuf-conformance), under its name there; the repository and the checks are our own.</summary>
/// <param name="Name">Name of the function.</param>
/// <param name="Parameter">Id of the parameter; null when it has none.</param>
/// <param name="RunAsync">What it does.</param>
public sealed record ConformanceCase(string Name, string? Parameter, Func<ConformanceRun, Task> RunAsync)
{
    /// <summary>All cases.</summary>
    public static IReadOnlyList<ConformanceCase> All { get; } =
    [
        .. BasicCases.All, .. FaultyCases.All, .. ExpiryCases.All, .. DownloadCases.All, .. KeyCases.All, .. RollbackCases.All, .. DelegationCases.All, .. RotationCases.All,
        .. StaticCases.All,
    ];

    /// <summary>The names and parameters that stand upstream, from the data beside this file.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> Upstream { get; } = ReadUpstream();

    /// <inheritdoc/>
    public override string ToString() => Parameter is null ? Name : $"{Name}[{Parameter}]";

    private static Dictionary<string, IReadOnlyList<string>> ReadUpstream()
    {
        using var file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Tuf", "upstream.json"));
        using var json = JsonDocument.Parse(file);
        return json.RootElement.GetProperty("tests").EnumerateObject().ToDictionary(
            t => t.Name, t => (IReadOnlyList<string>)[.. t.Value.EnumerateArray().Select(p => p.GetString()!)]);
    }
}
