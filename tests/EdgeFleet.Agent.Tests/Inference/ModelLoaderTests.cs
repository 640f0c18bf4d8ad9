using EdgeFleet.Agent.Inference;
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
