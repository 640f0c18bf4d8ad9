using System.Globalization;

namespace EdgeFleet.Testing.Tuf;

/// <summary>Repositories that other programs made, as files.</summary>
internal static class StaticCases
{
    public static IEnumerable<ConformanceCase> All =>
    [
        new("test_static_repository", "tuf-on-ci-0.11", run => ServeAsync(run, "tuf-on-ci-0.11", "delegatedrole/artifact", "2025-02-09")),
        new("test_static_repository", "sigstore-root-signing", run => ServeAsync(run, "sigstore-root-signing", "rekor.pub", "2024-11-25")),
    ];

    private static async Task ServeAsync(ConformanceRun run, string name, string target, string day)
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "Tuf", "static", name);
        var now = DateTimeOffset.Parse(day, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
        run.TrustedRoot = await File.ReadAllBytesAsync(Path.Combine(folder, "initial_root.json"));
        run.Source = path => File.Exists(Path.Combine(folder, path)) ? File.ReadAllBytes(Path.Combine(folder, path)) : null;
        await run.InitAsync();
        await run.RefreshAsync(works: true, now);
        await run.DownloadAsync(target, works: true, now);
    }
}
