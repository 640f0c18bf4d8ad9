using System.Diagnostics;
using System.Text.Json.Nodes;
using EdgeFleet.Testing;
using EdgeFleet.Testing.Tuf;

namespace EdgeFleet.Benchmarks.Tuf;

/// <summary>tuf-js in a Node process, which does the commands that stand on its standard input.</summary>
internal sealed class Judge : IAsyncDisposable
{
    private readonly Process _process;

    /// <summary>Starts it.</summary>
    /// <exception cref="InvalidOperationException">Its packages are not installed.</exception>
    public Judge()
    {
        var folder = Path.Combine(RealData.CheckoutRoot, "tests", "EdgeFleet.Benchmarks", "Tuf", "judge");
        if (!Directory.Exists(Path.Combine(folder, "node_modules")))
            throw new InvalidOperationException($"The judge's packages are missing. Run: npm ci --prefix {folder}");
        _process = Process.Start(new ProcessStartInfo("node", [Path.Combine(folder, "judge.js")]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
    }

    /// <summary>Does a command.</summary>
    public async Task<(int Code, string Said)> DoAsync(JsonObject command)
    {
        await _process.StandardInput.WriteLineAsync(command.ToJsonString());
        await _process.StandardInput.FlushAsync();
        var answer = JsonNode.Parse(await _process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The judge ended."))!;
        return (answer["code"]!.GetValue<int>(), answer["said"]!.GetValue<string>());
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}

/// <summary>tuf-js as a client of the conformance cases.</summary>
internal sealed class JudgeClient(Judge judge, TempFolder folder, string address) : IConformanceClient
{
    /// <inheritdoc/>
    public string Said { get; private set; } = "";

    /// <inheritdoc/>
    public async Task<int> InitAsync(byte[] root, string metadataFolder)
    {
        await File.WriteAllBytesAsync(folder["initial_root.json"], root);
        return await DoAsync(new JsonObject { ["command"] = "init", ["metadata"] = metadataFolder, ["root"] = folder["initial_root.json"] });
    }

    /// <inheritdoc/>
    public Task<int> RefreshAsync(string metadataFolder, DateTimeOffset now) =>
        DoAsync(new JsonObject { ["command"] = "refresh", ["metadata"] = metadataFolder, ["url"] = address, ["now"] = now.ToUnixTimeMilliseconds() });

    /// <inheritdoc/>
    public Task<int> DownloadAsync(string metadataFolder, string targetsFolder, string target, DateTimeOffset now) => DoAsync(new JsonObject
    {
        ["command"] = "download",
        ["metadata"] = metadataFolder,
        ["targets"] = targetsFolder,
        ["target"] = target,
        ["url"] = address,
        ["now"] = now.ToUnixTimeMilliseconds(),
    });

    private async Task<int> DoAsync(JsonObject command)
    {
        (var code, Said) = await judge.DoAsync(command);
        return code;
    }
}
