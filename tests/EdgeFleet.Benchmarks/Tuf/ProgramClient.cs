using System.Diagnostics;
using EdgeFleet.Testing;
using EdgeFleet.Testing.Processes;
using EdgeFleet.Testing.Tuf;

namespace EdgeFleet.Benchmarks.Tuf;

/// <summary>Our program with its three commands, each a process of its own, as the public suite starts it; the clock is moved by libfaketime.</summary>
internal sealed class ProgramClient(TempFolder folder, string address) : IConformanceClient
{
    private static readonly TimeSpan MovedFrom = TimeSpan.FromMinutes(10);

    /// <inheritdoc/>
    public string Said { get; private set; } = "";

    /// <inheritdoc/>
    public async Task<int> InitAsync(byte[] root, string metadataFolder)
    {
        await File.WriteAllBytesAsync(folder["initial_root.json"], root);
        return await RunAsync(null, "--metadata-dir", metadataFolder, "init", folder["initial_root.json"]);
    }

    /// <inheritdoc/>
    public Task<int> RefreshAsync(string metadataFolder, DateTimeOffset now) => RunAsync(now, "--metadata-url", $"{address}metadata/", "--metadata-dir", metadataFolder, "refresh");

    /// <inheritdoc/>
    public Task<int> DownloadAsync(string metadataFolder, string targetsFolder, string target, DateTimeOffset now) => RunAsync(
        now, "--metadata-url", $"{address}metadata/", "--metadata-dir", metadataFolder, "--target-name", target, "--target-dir", targetsFolder,
        "--target-base-url", $"{address}targets/", "download");

    private async Task<int> RunAsync(DateTimeOffset? now, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "edgefleet-tuf.dll"), .. arguments]) { RedirectStandardError = true };
        if (now is { } at && at - TimeProvider.System.GetUtcNow() is var ahead && ahead.Duration() > MovedFrom)
        {
            var clock = new MovedClock(folder["clock"]);
            clock.Set(ahead);
            foreach (var (name, value) in clock.Environment)
                start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        Said = (await process.StandardError.ReadToEndAsync()).Trim();
        await process.WaitForExitAsync();
        return process.ExitCode;
    }
}
