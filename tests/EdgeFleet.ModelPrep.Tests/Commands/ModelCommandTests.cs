using System.Text.Json;
using EdgeFleet.ModelPrep.Tests.Samples;
using EdgeFleet.Testing;
using EdgeFleet.Testing.Processes;
using EdgeFleet.Testing.Tuf;

namespace EdgeFleet.ModelPrep.Tests.Commands;

/// <summary>The commands as people and scripts run them: words, exit codes, files.</summary>
public sealed class ModelCommandTests(SampleData data) : IDisposable
{
    private static readonly string Float = SampleData.Model("sample_leaf_float.onnx");
    private static readonly string Int8 = SampleData.Model("sample_leaf_int8.onnx");

    private readonly TempFolder _folder = new();

    private string[] Preparation => ["--labels", Path.Combine(data.Leaves, "labels.txt"), "--scale", "1/127.5", "--offset", "-1", "--antialias", "false"];

    private string[] Samples => ["--data", data.Leaves, .. Preparation];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Evaluate_gives_a_table_json_and_a_page()
    {
        var table = await RunAsync(0, ["model", "evaluate", Int8, Float, .. Samples, "--latency-blocks", "2", "--report", _folder["made", "report.html"]]);
        Assert.Contains("sample_leaf_float.onnx: who is served worse, by label, luma, sharpness.", table, StringComparison.Ordinal);
        Assert.Contains("ECE: 15 bins of equal width", table, StringComparison.Ordinal);
        Assert.EndsWith("</main></body></html>\n", File.ReadAllText(_folder["made", "report.html"]), StringComparison.Ordinal);

        var json = JsonDocument.Parse(await RunAsync(0, ["model", "evaluate", Int8, "--reference", Float, .. Samples, "--latency-blocks", "0", "--json"])).RootElement;
        Assert.Equal("sample_leaf_float.onnx", json.GetProperty("reference").GetString());
        Assert.Equal(2, json.GetProperty("models").GetArrayLength());
        Assert.False(json.GetProperty("models")[1].TryGetProperty("latency", out _));

        Assert.Contains("none.onnx does not exist", await RunAsync(2, ["model", "evaluate", _folder["none.onnx"], .. Samples]), StringComparison.Ordinal);
        Assert.Contains("There is no segment 'altitude'", await RunAsync(1, ["model", "evaluate", Int8, .. Samples, "--segment", "altitude"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Inspect_and_diff_show_files()
    {
        Assert.Contains("int8, opset 13 of ai.onnx", await RunAsync(0, ["model", "inspect", Int8]), StringComparison.Ordinal);
        Assert.True(JsonDocument.Parse(await RunAsync(0, ["model", "inspect", Int8, "-o", "json"])).RootElement.GetProperty("isQuantized").GetBoolean());
        Assert.Contains("does not exist", await RunAsync(3, ["model", "inspect", _folder["none.onnx"]]), StringComparison.Ordinal);
        File.WriteAllText(_folder["noise.onnx"], "no model");
        Assert.Contains("noise.onnx is not a readable ONNX file", await RunAsync(1, ["model", "inspect", _folder["noise.onnx"]]), StringComparison.Ordinal);

        Assert.Contains("are the same bytes", await RunAsync(0, ["model", "diff", Float, Float]), StringComparison.Ordinal);
        Assert.Contains("Answers: equal on ", await RunAsync(1, ["model", "diff", Float, Int8, .. Samples]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_package_is_packed_verified_and_asked_why()
    {
        await RunAsync(0, ["model", "pack", "--onnx", Int8, "--float", Float, .. Samples, "--name", "leaf", "--out", _folder["leaf"]]);

        Assert.Contains("✓ Golden answers of cpu-int8", await RunAsync(0, ["model", "verify", _folder["leaf"]]), StringComparison.Ordinal);
        Assert.Contains("Golden set: ", await RunAsync(0, ["model", "inspect", _folder["leaf"]]), StringComparison.Ordinal);
        var photo = Path.Combine(data.Leaves, "test", "3_rust", "leaf_001.jpg");
        Assert.Contains("leaf@1.0.0/cpu-int8 says ", await RunAsync(0, ["model", "explain", photo, "--package", _folder["leaf"], "--out", _folder["why.png"]]), StringComparison.Ordinal);
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], File.ReadAllBytes(_folder["why.png"])[..4]);
        Assert.Contains("either --model FILE.onnx or --package FOLDER", await RunAsync(2, ["model", "explain", photo, "--out", _folder["x.png"]]), StringComparison.Ordinal);

        File.AppendAllText(_folder["leaf", "labels.txt"], "x");
        Assert.Contains("✕ Manifest, hashes and preparation: labels.txt has", await RunAsync(1, ["model", "verify", _folder["leaf"]]), StringComparison.Ordinal);
        Assert.Contains("Give --root and --repository together", await RunAsync(2, ["model", "verify", _folder["leaf"], "--repository", "x"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_asks_the_signed_list_of_a_folder()
    {
        await RunAsync(0, ["model", "pack", "--onnx", Int8, "--float", Float, .. Samples, "--name", "leaf", "--out", _folder["leaf"]]);
        var repository = new SimulatedRepository();
        repository.AddArtifact("targets", File.ReadAllBytes(_folder["leaf", "manifest.json"]), "leaf/1.0.0/manifest.json");
        repository.Publish("targets", "snapshot", "timestamp");
        Directory.CreateDirectory(_folder["list"]);
        foreach (var (role, served) in repository.Served)
            for (var i = 0; i < served.Count; i++) File.WriteAllBytes(_folder["list", role == "timestamp" ? "timestamp.json" : $"{i + 1}.{role}.json"], served[i]);
        string[] verify = ["model", "verify", _folder["leaf"], "--root", _folder["list", "1.root.json"], "--repository", _folder["list"]];

        Assert.Contains("✓ Signature: the signed list names this very manifest.", await RunAsync(0, verify), StringComparison.Ordinal);
        Assert.Equal("signed", JsonDocument.Parse(await RunAsync(0, [.. verify, "-o", "json"])).RootElement.GetProperty("signature").GetString());
        Assert.Contains("✕ Signature: The signed list does not name other/manifest.json", await RunAsync(1, [.. verify, "--target", "other/manifest.json"]), StringComparison.Ordinal);
        Assert.Contains("is neither an address nor a folder that exists", await RunAsync(1, [.. verify[..^1], _folder["none"]]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_disk_that_is_full_in_the_middle_leaves_no_package()
    {
        // Files of more than 8 kB cannot be written, as on a disk that has no more: labels and golden photos still can, the variant cannot.
        var words = string.Join(' ', new[] { "model", "pack", "--onnx", Float, "--float", Float }.Concat(Samples).Append("--out").Append(_folder["made", "leaf"]).Select(w => $"'{w}'"));
        var (code, _, all) = await LocalProcess.RunAsync(
            ["bash", "-c", $"trap '' XFSZ; ulimit -f 8; exec {string.Join(' ', BuiltPrograms.Cli)} {words}"], TimeSpan.FromSeconds(120), TestContext.Current.CancellationToken,
            new Dictionary<string, string> { ["DOTNET_EnableWriteXorExecute"] = "0", ["DOTNET_EnableDiagnostics"] = "0" });

        Assert.True(code == 1, all);
        Assert.Contains("failed: ", all, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_folder["made"]));
    }

    private static async Task<string> RunAsync(int expected, string[] words)
    {
        var (code, output, all) = await LocalProcess.RunAsync([.. BuiltPrograms.Cli, .. words], TimeSpan.FromSeconds(120), TestContext.Current.CancellationToken);
        Assert.True(code == expected, all);
        return expected == 0 ? output : all;
    }
}
