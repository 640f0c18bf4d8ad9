using System.Text.Json;
using EdgeFleet.ModelPrep.Onnx;
using EdgeFleet.ModelPrep.Packing;
using EdgeFleet.ModelPrep.Tests.Samples;
using EdgeFleet.Samples.Spoiling;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models;
using EdgeFleet.Testing;

namespace EdgeFleet.ModelPrep.Tests.Packing;

public sealed class ModelPackerTests(SampleData data) : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_package_of_an_image_classifier_is_whole_and_verifies()
    {
        var steps = new List<PackProgress>();
        var packed = Pack(data.LeafRequest(_folder["out"]), new Collected(steps));

        var manifest = ManifestReader.Read(File.ReadAllBytes(_folder["out", "manifest.json"]));
        var reference = JsonSerializer.Deserialize(File.ReadAllBytes(_folder["out", "reference.json"]), WireJson.Default.Reference)!;
        var golden = JsonSerializer.Deserialize(File.ReadAllBytes(_folder["out", "golden/golden.json"]), WireJson.Default.GoldenSet)!;
        Assert.Equal(packed.Package.Digest, EdgeFleet.Shared.Identity.Sha256Digest.Of(File.ReadAllBytes(_folder["out", "manifest.json"])));
        Assert.Equal("cpu-int8", Assert.Single(manifest.Variants).Name);
        Assert.Equal(["miner", "rust", "phoma", "cercospora"], manifest.Alerts.Select(a => a.Label));
        Assert.Null(manifest.Unproven);
        Assert.Equal(5, golden.Items.Select(i => i.Label).Distinct().Count());
        Assert.All(golden.Items, i => Assert.True(File.Exists(_folder["out", i.Source!.Path])));
        Assert.All(golden.Items, i => Assert.NotNull(i.Prepared));
        Assert.Null(golden.Tensors);
        Assert.Equal(ImageFeatures.All.Where(f => !f.IsOfStream).Select(f => f.Name), reference.Inputs.Select(i => i.Name));
        Assert.Equal(120, Assert.Single(reference.Variants).Steps.Sum(s => s.Answers));
        Assert.All(reference.Inputs, i => Assert.Equal(reference.Samples, i.Counts.Sum()));
        Assert.Equal(620, reference.Samples);
        Assert.Equal(120, reference.Calibration.Sum(c => c.Answers));
        Assert.Equal(steps[^1].Total, steps[^1].Done);
        Assert.True(PackageVerifier.Verify(_folder["out"], Cancel) is { Passed: true } verdict, "The verifier refuses the package.");
    }

    [Fact]
    public void A_package_of_a_series_classifier_is_whole_and_verifies()
    {
        var packed = Pack(data.BearingRequest(_folder["out"]));

        Assert.Equal(["cpu-int8", "cpu-fp32"], packed.Manifest.Variants.Select(v => v.Name));
        Assert.Equal(200, packed.Report.Variants[1].SqnrDb);
        Assert.Equal(1, packed.Report.Variants[1].Splits["val"].Agreement);
        var verdict = PackageVerifier.Verify(_folder["out"], Cancel);
        Assert.True(verdict.Passed, verdict.Summary);
    }

    [Fact]
    public void The_same_input_gives_the_same_manifest()
    {
        var first = Pack(data.BearingRequest(_folder["one"]));
        var second = Pack(data.BearingRequest(_folder["two"]));

        Assert.Equal(first.Package.Digest, second.Package.Digest);
    }

    [Fact]
    public void A_variant_that_disagrees_is_refused_and_leaves_nothing_behind()
    {
        var collapsed = Collapse();

        var refused = Assert.IsType<PackResult.Refused>(ModelPacker.Pack(data.LeafRequest(_folder["made", "out"], collapsed), cancel: Cancel));

        var reason = Assert.Single(refused.Reasons);
        Assert.Matches(@"^collapsed\.onnx answers \w+ for 120 of 120 validation photos; it agrees with sample_leaf_float\.onnx on \d+ \(\d+\.\d %\), at least 90 % is asked\.$", reason);
        Assert.False(Directory.Exists(_folder["made", "out"]));
        Assert.Empty(Directory.GetFileSystemEntries(_folder["made"]));
    }

    [Fact]
    public void When_allowed_a_variant_that_disagrees_is_packed_as_unproven_and_still_fails_verification()
    {
        var packed = Pack(data.LeafRequest(_folder["out"], Collapse()) with { AllowUnproven = true });

        Assert.Contains("collapsed.onnx answers", packed.Manifest.Unproven, StringComparison.Ordinal);
        Assert.NotNull(packed.Report.Variants[0].Refused);
        var verdict = PackageVerifier.Verify(_folder["out"], Cancel);
        Assert.True(verdict.Sound);
        Assert.False(verdict.Passed);
        Assert.Contains("for every item", verdict.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public void Few_unreadable_photos_are_listed_and_many_end_the_packing()
    {
        var copy = CopyOfLeaves();
        File.WriteAllText(Path.Combine(copy, "val", "3_rust", "leaf_001.jpg"), "cut off");
        var packed = Pack(data.LeafRequest(_folder["out"]) with { Data = copy });
        Assert.Contains("val/3_rust/leaf_001.jpg", Assert.Single(packed.Report.Unreadable), StringComparison.Ordinal);

        foreach (var photo in Directory.GetFiles(Path.Combine(copy, "val", "2_miner"))) File.WriteAllBytes(photo, File.ReadAllBytes(photo)[..200]);
        var refused = Assert.Throws<PackException>(() => Pack(data.LeafRequest(_folder["out2"]) with { Data = copy }));
        Assert.Contains("cannot be read", refused.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["out2"]));
    }

    [Fact]
    public void Input_that_cannot_be_packed_is_named_with_the_remedy()
    {
        File.WriteAllText(_folder["four.txt"], "a\nb\nc\nd\n");
        File.WriteAllText(_folder["noise.onnx"], "no model");
        var refusing = OnnxFile.Read(SampleData.Model("sample_leaf_int8.onnx"));
        refusing.Graph.Node[0].OpType = "NoSuchOperation";
        OnnxFile.Write(refusing, _folder["refusing.onnx"]);
        Directory.CreateDirectory(_folder["full", "something"]);
        Directory.CreateDirectory(_folder["one-class"]);
        var leaf = data.LeafRequest(_folder["out"]);

        AssertRefused("four.txt has 4 labels, but", leaf with { Labels = _folder["four.txt"] });
        AssertRefused("noise.onnx", leaf with { Onnx = [_folder["noise.onnx"]] });
        AssertRefused("ONNX Runtime refuses refusing.onnx", leaf with { Onnx = [_folder["refusing.onnx"]] });
        AssertRefused("exists already", leaf with { Out = _folder["full"] });
        AssertRefused("'Leaf!'", leaf with { Name = "Leaf!" });
        AssertRefused("takes [-1, 3, 48, 48]", leaf with { Input = leaf.Input with { Layout = "NHWC" } });
        AssertRefused("no validation split", leaf with { Data = Classes("train", "1_healthy", "2_miner") });
        AssertRefused("one class only", leaf with { Data = Classes("val", "1_healthy") });
        Assert.False(Directory.Exists(_folder["out"]));
    }

    private static void AssertRefused(string expected, PackRequest request) =>
        Assert.Contains(expected, Assert.Throws<PackException>(() => ModelPacker.Pack(request, cancel: Cancel)).Message, StringComparison.Ordinal);

    private static PackResult.Packed Pack(PackRequest request, IProgress<PackProgress>? progress = null) =>
        Assert.IsType<PackResult.Packed>(ModelPacker.Pack(request, progress, Cancel));

    private string Collapse()
    {
        OnnxFile.Write(CollapsedModel.Of(OnnxFile.Read(SampleData.Model("sample_leaf_int8.onnx")), "good"), _folder["collapsed.onnx"]);
        return _folder["collapsed.onnx"];
    }

    private string CopyOfLeaves()
    {
        foreach (var file in Directory.GetFiles(data.Leaves, "*.jpg", SearchOption.AllDirectories).Where(f => !f.Contains("train", StringComparison.Ordinal)))
        {
            var target = Path.Combine(_folder["leaves"], Path.GetRelativePath(data.Leaves, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        return _folder["leaves"];
    }

    private string Classes(string split, params string[] classes)
    {
        foreach (var name in classes)
        {
            var place = Directory.CreateDirectory(_folder[$"data-{split}-{classes.Length}", split, name]).FullName;
            File.Copy(Path.Combine(data.Leaves, "test", name, "leaf_001.jpg"), Path.Combine(place, "leaf.jpg"));
        }

        return _folder[$"data-{split}-{classes.Length}"];
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private sealed class Collected(List<PackProgress> into) : IProgress<PackProgress>
    {
        public void Report(PackProgress value) => into.Add(value);
    }
}
