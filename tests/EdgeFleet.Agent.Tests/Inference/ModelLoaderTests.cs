using EdgeFleet.Agent.Health;
using EdgeFleet.Agent.Inference;
using EdgeFleet.Agent.Inference.Runtime;
using EdgeFleet.Shared.Models;
using EdgeFleet.Testing.Packages;

namespace EdgeFleet.Agent.Tests.Inference;

public sealed class ModelLoaderTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_preferred_variant_that_fits_the_CPU_is_loaded()
    {
        await using var bench = new SlotBench();
        var onnx = TinyModel.OfColours().Build();
        var spec = TestPackageSpec.Colours() with { Variants = new Dictionary<string, byte[]> { ["other"] = onnx, ["cpu-fp32"] = onnx, ["cpu-int8"] = onnx } };

        using var preferred = await bench.LoadAsync(spec);
        using var floats = await bench.LoadAsync(spec, BoardFacts.Read() with { Preference = ["cpu-fp32"] });
        using var first = await bench.LoadAsync(spec, BoardFacts.Read() with { Preference = [] });

        Assert.Equal(["cpu-int8", "cpu-fp32", "other"], new[] { preferred, floats, first }.Select(m => m.Variant.Name));
    }

    [Fact]
    public void A_board_that_no_variant_fits_is_told_what_each_lacks()
    {
        var manifest = TestPackage.Build(TestPackageSpec.Colours()).Manifest;
        var demanding = manifest with
        {
            Variants = [manifest.Variants[0] with { Name = "cpu-int8", CpuFeatures = ["asimddp"] }, manifest.Variants[0] with { Name = "trt", Provider = "tensorrt" }],
        };

        Assert.Null(VariantChooser.Choose(demanding, new BoardFacts(["cpu"], new HashSet<string> { "fp" }), out var reason));
        Assert.Contains("asimddp", reason, StringComparison.Ordinal);
        Assert.Contains("tensorrt", reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_that_hangs_in_its_first_run_is_refused()
    {
        await using var bench = new SlotBench(options: new InferenceOptions { RunTimeoutSeconds = 1 });

        var refusal = await Assert.ThrowsAsync<ModelLoadException>(
            () => bench.LoadAsync(TestPackageSpec.Colours(served: TinyModel.OfColours() with { Rounds = 1_000_000_000 })));

        Assert.Contains("does not serve on this board", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_no_model_is_refused_with_the_runtimes_words()
    {
        await using var bench = new SlotBench();
        var spec = TestPackageSpec.Colours() with { Variants = new Dictionary<string, byte[]> { ["cpu-fp32"] = "no model at all"u8.ToArray() } };

        var refusal = await Assert.ThrowsAsync<ModelLoadException>(() => bench.LoadAsync(spec));

        Assert.Contains("ONNX Runtime refuses", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_provider_that_refuses_the_model_is_passed_over_and_that_is_kept()
    {
        await using var bench = new SlotBench();
        var onnx = TinyModel.OfColours().Build();
        var spec = TestPackageSpec.Colours() with { Variants = new Dictionary<string, byte[]> { ["cpu-fp32"] = onnx, ["tensorrt-int8"] = onnx } };
        var board = BoardFacts.Read() with { Providers = ["tensorrt", "cpu"] };
        var health = new HealthBoard(TimeProvider.System);

        // The library of the tests has no TensorRT, whatever the board was found to have.
        using var fallen = await bench.LoadAsync(spec, board);
        using var best = await bench.LoadAsync(spec);
        ModelFallback.Say(health, bench.Host.Slot, fallen);
        var warning = Assert.Single(health.Warnings);
        ModelFallback.Say(health, bench.Host.Slot, best);

        Assert.Equal(("cpu-fp32", "cpu", null), (fallen.Variant.Name, fallen.Session.Provider, best.PassedOver));
        Assert.StartsWith("colours@1.0.0 runs as cpu-fp32 on cpu, because tensorrt-int8 does not serve on tensorrt: ONNX Runtime refuses", warning.Text, StringComparison.Ordinal);
        Assert.Empty(health.Warnings);
    }

    [Fact]
    public async Task A_variant_that_never_came_to_the_board_is_passed_over()
    {
        await using var bench = new SlotBench();
        var onnx = TinyModel.OfColours();
        var package = TestPackage.Build(TestPackageSpec.Colours() with { Variants = new Dictionary<string, byte[]> { ["cuda-fp16"] = (onnx with { Gain = 1 }).Build(), ["cpu-fp32"] = onnx.Build() } });
        package.AddTo(bench.Store);
        File.Delete(bench.Store.PathOf(package.Manifest.Variants[0].File.Digest));

        using var model = await bench.LoaderFor(BoardFacts.Read() with { Providers = ["cuda", "cpu"] }).LoadAsync(package.Ref, 1, Cancel);

        Assert.Equal(("cpu-fp32", "cuda-fp16 for cuda is not on this board, which got the package before it could use that."), (model.Variant.Name, model.PassedOver));
    }

    [Fact]
    public async Task When_nothing_is_left_to_fall_back_to_every_reason_is_told()
    {
        await using var bench = new SlotBench();
        var spec = TestPackageSpec.Colours() with { Variants = new Dictionary<string, byte[]> { ["cuda-fp16"] = TinyModel.OfColours().Build(), ["cpu-fp32"] = "no model"u8.ToArray() } };

        var refusal = await Assert.ThrowsAsync<ModelLoadException>(() => bench.LoadAsync(spec, BoardFacts.Read() with { Providers = ["cuda", "cpu"] }));

        Assert.Contains("cuda-fp16 does not serve on cuda", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(2, refusal.Message.Split("ONNX Runtime refuses").Length - 1);
    }

    [Fact]
    public async Task A_changed_byte_on_disk_is_found_before_the_model_is_touched()
    {
        await using var bench = new SlotBench();
        var package = TestPackage.Build(TestPackageSpec.Colours());
        package.AddTo(bench.Store);
        var path = bench.Store.PathOf(package.Manifest.Variants[0].File.Digest);
        var bytes = await File.ReadAllBytesAsync(path, Cancel);
        bytes[^1] ^= 1;
        File.Delete(path);
        await File.WriteAllBytesAsync(path, bytes, Cancel);

        var refusal = await Assert.ThrowsAsync<ModelLoadException>(() => bench.LoaderFor(null).LoadAsync(package.Ref, 1, Cancel));

        Assert.Contains("SHA-256", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Features_of_both_architectures_are_read()
    {
        using var folder = new EdgeFleet.Testing.TempFolder();
        File.WriteAllText(folder["arm"], "processor\t: 0\nFeatures\t: fp asimd asimddp\n");
        File.WriteAllText(folder["x64"], "flags\t\t: fpu avx2 avx512_vnni\n");

        Assert.Contains("asimddp", BoardFacts.Read(folder["arm"]).CpuFeatures);
        Assert.Contains("avx512_vnni", BoardFacts.Read(folder["x64"]).CpuFeatures);
        Assert.Empty(BoardFacts.Read(folder["absent"]).CpuFeatures);
    }
}
