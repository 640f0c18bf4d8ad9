using System.Text.Json;
using EdgeFleet.ModelPrep.Packing;
using EdgeFleet.ModelPrep.Tests.Samples;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models;
using EdgeFleet.Testing;

namespace EdgeFleet.ModelPrep.Tests.Packing;

public sealed class PackageVerifierTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public PackageVerifierTests(SampleData data) =>
        Assert.IsType<PackResult.Packed>(ModelPacker.Pack(data.LeafRequest(Package), cancel: Cancel));

    private string Package => _folder["package"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_changed_byte_in_any_file_is_found_and_named()
    {
        foreach (var file in new[] { "variants/cpu-int8.onnx", "reference.json", "report.json", "labels.txt", "golden/sources/000.jpg" })
        {
            var path = Path.Combine(Package, file);
            var bytes = File.ReadAllBytes(path);
            var changed = (byte[])bytes.Clone();
            changed[bytes.Length / 2] ^= 1;

            File.WriteAllBytes(path, changed);
            Assert.Contains($"{file} has the SHA-256", Verify().Summary, StringComparison.Ordinal);
            File.WriteAllBytes(path, bytes[..^1]);
            Assert.Contains($"{file} has {bytes.Length - 1} bytes", Verify().Summary, StringComparison.Ordinal);
            File.WriteAllBytes(path, bytes);
        }

        Assert.True(Verify().Passed);
    }

    [Fact]
    public void A_folder_without_a_manifest_and_an_unknown_format_are_said()
    {
        Assert.Contains("no manifest.json", PackageVerifier.Verify(_folder["nothing"], Cancel).Summary, StringComparison.Ordinal);

        Rewrite(m => m with { Format = 9 });
        Assert.Contains("format 9", Verify().Summary, StringComparison.Ordinal);
    }

    [Fact]
    public void A_preparation_that_does_not_make_the_golden_tensors_is_found()
    {
        Rewrite(m => m with { Input = m.Input with { ColourOrder = "BGR" } });

        var verdict = Verify();

        Assert.False(verdict.Sound);
        Assert.Contains("otherwise than the package says", verdict.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public void A_golden_set_that_proves_nothing_is_refused()
    {
        var path = Path.Combine(Package, "golden", "golden.json");
        var lenient = JsonSerializer.Deserialize(File.ReadAllBytes(path), WireJson.Default.GoldenSet)! with { LeastAgreement = 0.1 };
        var bytes = JsonSerializer.SerializeToUtf8Bytes(lenient, WireJson.Default.GoldenSet);
        File.WriteAllBytes(path, bytes);
        var file = new FileRef { Path = "golden/golden.json", Digest = Sha256Digest.Of(bytes), Size = bytes.Length };
        Rewrite(m => m with { Golden = file, Files = [.. m.Files.Where(f => f.Path != file.Path), file] });

        Assert.Contains("proves nothing", Verify().Summary, StringComparison.Ordinal);
    }

    [Fact]
    public void A_verdict_survives_its_way_between_processes()
    {
        var verdict = Verify();

        var read = PackageVerdict.FromJson(verdict.ToJson());

        Assert.Equal(verdict.Passed, read.Passed);
        Assert.Equal(verdict.Variants, read.Variants);
    }

    private PackageVerdict Verify() => PackageVerifier.Verify(Package, Cancel);

    private void Rewrite(Func<Manifest, Manifest> change)
    {
        var path = Path.Combine(Package, "manifest.json");
        var manifest = JsonSerializer.Deserialize(File.ReadAllBytes(path), WireJson.Default.Manifest)!;
        File.WriteAllBytes(path, JsonSerializer.SerializeToUtf8Bytes(change(manifest), WireJson.Default.Manifest));
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;
}
