using System.Diagnostics;
using System.Runtime.InteropServices;
using EdgeFleet.Agent.Health;
using EdgeFleet.Agent.Inference.Runtime;
using EdgeFleet.Shared.Files;
using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Models.Sessions;
using EdgeFleet.Testing;
using EdgeFleet.Testing.Packages;
using EdgeFleet.Testing.Runtimes;
using Microsoft.Extensions.Time.Testing;
using Microsoft.ML.OnnxRuntime;

namespace EdgeFleet.Agent.Tests.Inference.Runtime;

public sealed class GraphCacheTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly ContentStore _packages;
    private readonly HealthBoard _health = new(new FakeTimeProvider());
    private readonly TestPackage _package = TestPackage.Build(TestPackageSpec.Colours());

    public GraphCacheTests()
    {
        _packages = new ContentStore(_folder["packages"]);
        _package.AddTo(_packages);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private Variant Variant => _package.Manifest.Variants[0];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_graph_is_kept_at_the_first_load_and_taken_at_the_next()
    {
        using var first = await OpenAsync();
        var kept = Assert.Single(Directory.GetDirectories(_folder["compiled"]));
        var before = File.GetLastWriteTimeUtc(Path.Combine(kept, "graph.onnx"));

        // The model's own file is not even looked at.
        using var second = await Graphs().OpenAsync(_folder["absent.onnx"], Variant.File.Digest, _package.Manifest, new SessionSettings(), 1, Cancel);

        Assert.Equal(Answers(first), Answers(second));
        Assert.Equal(before, File.GetLastWriteTimeUtc(Path.Combine(kept, "graph.onnx")));
        Assert.Empty(_health.Warnings);
    }

    [Theory]
    [InlineData("changed")]
    [InlineData("cut")]
    [InlineData("empty")]
    [InlineData("gone")]
    [InlineData("more")]
    [InlineData("unsealed")]
    [InlineData("seal cut")]
    [InlineData("another model's")]
    public async Task What_is_not_whole_is_never_taken_and_made_anew(string damage)
    {
        (await OpenAsync()).Dispose();
        var kept = Assert.Single(Directory.GetDirectories(_folder["compiled"]));
        await DamageAsync(kept, damage);

        await Assert.ThrowsAsync<ModelLoadException>(() => Graphs().OpenAsync(_folder["absent.onnx"], Variant.File.Digest, _package.Manifest, new SessionSettings(), 1, Cancel));
        using var healed = await OpenAsync();
        using var plain = ModelSession.Load(_packages.PathOf(Variant.File.Digest), _package.Manifest.Input, _package.Manifest.Output);

        Assert.Equal(Answers(plain), Answers(healed));
        Assert.True(await CompiledSeal.IsWholeAsync(kept, Graphs().FactsOf(Variant.File.Digest, new SessionSettings()), Cancel));
        Assert.Equal([kept], Directory.GetDirectories(_folder["compiled"]));
    }

    [Fact]
    public async Task Another_library_option_or_CPU_makes_a_graph_of_its_own()
    {
        var settings = new SessionSettings();
        var graphs = new[]
        {
            Graphs(), Graphs(["neon"]), Graphs(["neon", "asimddp"]), Graphs(["asimddp", "neon"]), Graphs(library: FakeRuntime.Real), Graphs(library: FakeRuntime.Build(_folder["own.so"])),
        };
        var names = graphs.Select(g => g.FactsOf(Variant.File.Digest, settings).FolderName()).ToList();

        Assert.Equal(names[2], names[3]);
        Assert.Equal(5, names.Distinct().Count());
        var entries = new Dictionary<string, string> { ["session.disable_quant_qdq"] = "1" };
        Assert.NotEqual(names[0], graphs[0].FactsOf(Variant.File.Digest, settings with { Entries = entries }).FolderName());
        Assert.NotEqual(names[0], graphs[0].FactsOf(_package.Ref.Digest, settings).FolderName());
        await File.AppendAllTextAsync(_folder["own.so"], "another build", Cancel);
        Assert.NotEqual(names[5], graphs[5].FactsOf(Variant.File.Digest, settings).FolderName());
    }

    [Fact]
    public async Task A_disk_that_takes_nothing_costs_a_warning_and_no_model()
    {
        // What a folder stands in for: root may write even where nobody else may.
        await File.WriteAllTextAsync(_folder["compiled"], "a file", Cancel);

        using var session = await OpenAsync();

        using var plain = ModelSession.Load(_packages.PathOf(Variant.File.Digest), _package.Manifest.Input, _package.Manifest.Output);
        Assert.Equal(Answers(plain), Answers(session));
        Assert.Equal("graph-not-kept", Assert.Single(_health.Warnings).Code);
        File.Delete(_folder["compiled"]);
        (await OpenAsync()).Dispose();
        Assert.Empty(_health.Warnings);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_full_or_read_only_disk_costs_a_warning_and_no_model(bool isFull)
    {
        var disk = Directory.CreateDirectory(_folder["disk"]).FullName;
        Assert.SkipUnless(await RunAsync("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk), "Skipped: only root may mount a small disk.");
        try
        {
            if (isFull)
                Assert.Throws<IOException>(() => File.WriteAllBytes(Path.Combine(disk, "full"), new byte[1 << 20]));
            else
                Assert.True(await RunAsync("mount", "-o", "remount,ro", disk));
            var graphs = new GraphCache(new CompiledStore(Path.Combine(disk, "compiled"), _packages.Has, 1 << 20), _health, TimeProvider.System);

            using var session = await graphs.OpenAsync(_packages.PathOf(Variant.File.Digest), Variant.File.Digest, _package.Manifest, new SessionSettings(), 1, Cancel);

            using var plain = ModelSession.Load(_packages.PathOf(Variant.File.Digest), _package.Manifest.Input, _package.Manifest.Output);
            Assert.Equal(Answers(plain), Answers(session));
            Assert.Equal("graph-not-kept", Assert.Single(_health.Warnings).Code);
        }
        finally
        {
            Assert.True(await RunAsync("umount", disk));
        }
    }

    [Fact]
    public async Task A_graph_larger_than_all_that_may_be_kept_is_not()
    {
        var graphs = new GraphCache(new CompiledStore(_folder["compiled"], _packages.Has, bytesMax: 10), _health, TimeProvider.System);

        (await graphs.OpenAsync(_packages.PathOf(Variant.File.Digest), Variant.File.Digest, _package.Manifest, new SessionSettings(), 1, Cancel)).Dispose();

        Assert.Contains("Inference:CompiledMbMax", Assert.Single(_health.Warnings).Text, StringComparison.Ordinal);
        Assert.Empty(Directory.GetDirectories(_folder["compiled"]));
    }

    [Fact]
    public async Task A_faulty_model_is_refused_as_it_is_without_a_graph_and_leaves_nothing()
    {
        await File.WriteAllTextAsync(_folder["bad.onnx"], "no model", Cancel);

        await Assert.ThrowsAsync<ModelLoadException>(() => Graphs().OpenAsync(_folder["bad.onnx"], Variant.File.Digest, _package.Manifest, new SessionSettings(), 1, Cancel));

        Assert.Empty(Directory.GetDirectories(_folder["compiled"]));
        Assert.Empty(_health.Warnings);
    }

    [Theory]
    [InlineData("coffee_leaf_int8_qdq.onnx")]
    [InlineData("coffee_leaf_float.onnx")]
    public void Real_models_answer_alike_bit_for_bit_from_their_graph(string name)
    {
        Assert.SkipWhen(RealData.Folder is null, RealData.Absent);
        var models = Path.Combine(RealData.Folder!, "coffee-leaf-models");
        var photos = File.ReadAllBytes(Path.Combine(models, "golden_inputs_224x224_rgb.u8"));
        const int Values = 224 * 224 * 3;

        using var plainOptions = SessionOptionsBuilder.Build(new SessionSettings { SaveOptimizedTo = _folder["graph.onnx"] });
        using var plain = new InferenceSession(Path.Combine(models, name), plainOptions);
        using var graphOptions = SessionOptionsBuilder.Build(new SessionSettings { IsOptimized = true });
        using var graph = new InferenceSession(_folder["graph.onnx"], graphOptions);

        Assert.All(Enumerable.Range(0, photos.Length / Values), i =>
            Assert.Equal(Bytes(plain, photos.AsSpan(i * Values, Values)), Bytes(graph, photos.AsSpan(i * Values, Values))));
    }

    private static byte[] Bytes(InferenceSession session, ReadOnlySpan<byte> photo)
    {
        var (name, shape) = (session.InputNames[0], session.InputMetadata.Values.First().Dimensions.Select(d => (long)Math.Max(1, d)).ToArray());
        var values = new float[photo.Length];
        for (var i = 0; i < values.Length; i++)
            values[i] = (photo[i] / 127.5f) - 1;
        using var input = OrtValue.CreateTensorValueFromMemory(values, shape);
        using var run = new RunOptions();
        using var outputs = session.Run(run, [name], [input], session.OutputNames);
        return MemoryMarshal.AsBytes(outputs[0].GetTensorDataAsSpan<float>()).ToArray();
    }

    private static async Task<bool> RunAsync(string program, params string[] args)
    {
        using var process = Process.Start(new ProcessStartInfo(program, args) { RedirectStandardError = true })!;
        await process.StandardError.ReadToEndAsync(Cancel);
        await process.WaitForExitAsync(Cancel);
        return process.ExitCode == 0;
    }

    private static float[] Answers(ModelSession session)
    {
        using var run = new RunOptions();
        for (var i = 0; i < session.Input.Length; i++)
            session.Input[i] = (i % 7) / 7f;
        session.Run(run);
        return session.Output.ToArray();
    }

    private async Task DamageAsync(string kept, string damage)
    {
        var (graph, seal) = (Path.Combine(kept, "graph.onnx"), Path.Combine(kept, "seal"));
        var bytes = await File.ReadAllBytesAsync(graph, Cancel);
        switch (damage)
        {
            case "changed":
                bytes[bytes.Length / 2] ^= 1;
                await File.WriteAllBytesAsync(graph, bytes, Cancel);
                break;
            case "cut":
                await File.WriteAllBytesAsync(graph, bytes[..^10], Cancel);
                break;
            case "empty":
                await File.WriteAllBytesAsync(graph, [], Cancel);
                break;
            case "gone":
                File.Delete(graph);
                break;
            case "more":
                await File.WriteAllTextAsync(Path.Combine(kept, "more"), "", Cancel);
                break;
            case "unsealed":
                File.Delete(seal);
                break;
            case "seal cut":
                await File.WriteAllTextAsync(seal, (await File.ReadAllTextAsync(seal, Cancel))[..20], Cancel);
                break;
            default:
                // Whole in itself, from another board or for another model, under this one's name.
                await CompiledSeal.CloseAsync(kept, Graphs(["of another board"]).FactsOf(_package.Ref.Digest, new SessionSettings()), Cancel);
                break;
        }
    }

    private Task<ModelSession> OpenAsync() =>
        Graphs().OpenAsync(_packages.PathOf(Variant.File.Digest), Variant.File.Digest, _package.Manifest, new SessionSettings(), 1, Cancel);

    private GraphCache Graphs(string[]? features = null, string library = "") =>
        new(new CompiledStore(_folder["compiled"], _packages.Has, 1 << 20), _health, TimeProvider.System) { CpuFeatures = features ?? [], Library = library };
}
