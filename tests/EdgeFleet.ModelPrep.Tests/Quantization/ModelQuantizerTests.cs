using EdgeFleet.ModelPrep.Onnx;
using EdgeFleet.ModelPrep.Packing;
using EdgeFleet.ModelPrep.Quantization;
using EdgeFleet.ModelPrep.Tests.Samples;
using EdgeFleet.Shared.Models;
using EdgeFleet.Testing;

namespace EdgeFleet.ModelPrep.Tests.Quantization;

/// <summary>The whole way on the sample data, and everything that may be wrong with what is given.</summary>
public sealed class ModelQuantizerTests(SampleData data) : IDisposable
{
    private readonly TempFolder _folder = new();

    [Fact]
    public void Photos_end_in_an_int8_file_that_packs_and_says_what_it_was_made_of()
    {
        var progress = new Steps();
        var written = Assert.IsType<QuantizeResult.Written>(ModelQuantizer.Quantize(Leaf() with { Teacher = "a larger model", Beside = [SampleData.Model("sample_leaf_int8.onnx")] }, progress, Cancel));
        var report = written.Report;

        Assert.Null(report.Fault);
        Assert.Equal(report.Fusion!.Asked, report.Fusion.Fused);
        Assert.InRange(report.Test.Single(t => t.File == "int8.onnx").Score.Agreement, 0.97, 1);
        Assert.True(Assert.Single(report.Beside).IsQuantized);
        Assert.Contains(report.Tried, f => f == report.Chosen);
        Assert.Equal(new FileInfo(_folder["int8.onnx"]).Length, report.Size);
        Assert.Contains("\"chosen\"", QuantizeJson.Of(report), StringComparison.Ordinal);
        Assert.True(progress.Last!.Done <= progress.Last.Total);

        var packed = Assert.IsType<PackResult.Packed>(ModelPacker.Pack(data.LeafRequest(_folder["package"], _folder["int8.onnx"]) with { Budgets = new Budgets { P95LatencyMs = 100, MemoryMb = 128 } }, cancel: Cancel));
        Assert.Equal("a larger model", packed.Manifest.Lineage.Teacher);
    }

    [Fact]
    public void Windows_of_a_series_end_in_the_same_bytes_each_time()
    {
        var request = Bearing();
        ModelQuantizer.Quantize(request, cancel: Cancel);
        ModelQuantizer.Quantize(request with { Out = _folder["again.onnx"] }, cancel: Cancel);

        Assert.Equal(File.ReadAllBytes(_folder["int8.onnx"]), File.ReadAllBytes(_folder["again.onnx"]));
    }

    [Fact]
    public void A_gate_that_nothing_passes_writes_nothing_and_names_what_is_lacking()
    {
        var refused = Assert.IsType<QuantizeResult.Refused>(ModelQuantizer.Quantize(Bearing() with { Gate = new QuantizeGate(1, 0, 0), Searches = false }, cancel: Cancel));

        Assert.Contains("--probability-change", refused.Reason, StringComparison.Ordinal);
        Assert.NotNull(refused.Report.Fault);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void A_model_that_is_int8_already_is_left_as_it_is() =>
        Refused(Leaf() with { Float = SampleData.Model("sample_leaf_int8.onnx") }, "quantized already");

    [Fact]
    public void A_model_that_is_itself_wrong_on_the_data_is_named_with_what_to_check() =>
        Refused(Leaf() with { Input = Leaf().Input with { Scale = [0], Offset = [0] } }, "itself wrong on the data", "--scale");

    [Fact]
    public void Labels_that_do_not_fit_the_outputs_are_counted()
    {
        File.WriteAllLines(_folder["labels.txt"], ["one", "two"]);

        Refused(Leaf() with { Labels = _folder["labels.txt"], Data = CopyOfLeaves(c => c == "") }, "2 labels");
    }

    [Fact]
    public void A_folder_with_one_class_is_refused() => Refused(Leaf() with { Data = CopyOfLeaves(c => c == FirstClass) }, "one class only");

    [Fact]
    public void Images_that_cannot_be_read_are_listed_and_too_many_end_it()
    {
        var few = CopyOfLeaves(_ => true);
        var val = Directory.GetFiles(Path.Combine(few, "val"), "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToList();
        File.WriteAllText(val[0], "no image");

        Assert.Contains(Path.GetFileName(val[0]), Assert.Single(ModelQuantizer.Quantize(Leaf() with { Data = few }, cancel: Cancel).Report.Unreadable), StringComparison.Ordinal);
        File.Delete(_folder["int8.onnx"]);
        foreach (var image in val) File.WriteAllText(image, "no image");
        Refused(Leaf() with { Data = few }, "cannot be read");
    }

    [Fact]
    public void Missing_weights_strange_operators_half_floats_and_nothing_to_quantize_are_named()
    {
        Refused(Changed(m => m.Graph.Initializer.RemoveAt(0)), "missing");
        Refused(Changed(m => m.Graph.Node[0].Domain = "acme.tools"), "acme.tools");
        Refused(Changed(m => m.Graph.Node[0].OpType = "Konv"), "Konv");
        Refused(Changed(m =>
        {
            foreach (var tensor in m.Graph.Initializer.Where(t => t.DataType == 1))
            {
                var count = (int)Tensors.Count(tensor);
                tensor.DataType = (int)TensorProto.Types.DataType.Float16;
                tensor.RawData = Google.Protobuf.ByteString.CopyFrom(new byte[2 * count]);
            }
        }), "32-bit float");
    }

    [Fact]
    public void A_size_that_the_file_leaves_open_is_asked_for_and_then_taken()
    {
        var open = Changed(m =>
        {
            foreach (var dim in m.Graph.Input[0].Type.TensorType.Shape.Dim.Skip(2)) dim.DimParam = "side";
        });

        Refused(open with { Input = open.Input with { Width = 0, Height = 0 } }, "--size");
        Assert.IsType<QuantizeResult.Written>(ModelQuantizer.Quantize(open, cancel: Cancel));
    }

    [Fact]
    public void An_output_that_is_an_input_or_a_folder_is_refused_before_anything_is_read()
    {
        Refused(Leaf() with { Out = Leaf().Float }, "one of the files");
        Refused(Leaf() with { Out = _folder.Path }, "is a folder");
        Refused(Leaf() with { CalibrationSamples = 0 }, "calibration samples");
    }

    [Fact]
    public void A_disk_that_is_full_in_the_middle_leaves_the_old_file_and_nothing_else()
    {
        var disk = _folder["disk"];
        Directory.CreateDirectory(disk);
        Assert.SkipUnless(Run("mount", "-t", "tmpfs", "-o", "size=8k", "tmpfs", disk), "Skipped: only root may mount a small disk.");
        try
        {
            File.WriteAllText(Path.Combine(disk, "int8.onnx"), "the old one");

            Refused(Leaf() with { Out = Path.Combine(disk, "int8.onnx") }, "nothing was written", "No space left");

            Assert.Equal("the old one", File.ReadAllText(Assert.Single(Directory.GetFiles(disk))));
        }
        finally
        {
            Run("umount", disk);
        }
    }

    [Fact]
    public void Work_that_is_stopped_leaves_nothing_behind()
    {
        using var stop = new CancellationTokenSource();
        var progress = new Steps { Then = step => { if (step.What == "calibrate") stop.Cancel(); } };

        Assert.ThrowsAny<OperationCanceledException>(() => ModelQuantizer.Quantize(Leaf(), progress, stop.Token));
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    public void Dispose() => _folder.Dispose();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string FirstClass => Directory.GetDirectories(Path.Combine(data.Leaves, "val")).Select(d => Path.GetFileName(d)!).Order(StringComparer.Ordinal).First();

    private QuantizeRequest Leaf() => Of(data.LeafRequest(""));

    private QuantizeRequest Bearing() => Of(data.BearingRequest(""));

    private QuantizeRequest Of(PackRequest request) => new()
    {
        Float = request.Float,
        Data = request.Data,
        Task = request.Task,
        Labels = request.Labels,
        Input = request.Input,
        Activation = request.Activation,
        Out = _folder["int8.onnx"],
    };

    private QuantizeRequest Changed(Action<ModelProto> change)
    {
        var model = OnnxFile.Read(Leaf().Float);
        change(model);
        Directory.CreateDirectory(Path.Combine(_folder.Path, "models"));
        OnnxFile.Write(model, Path.Combine(_folder.Path, "models", "changed.onnx"));
        return Leaf() with { Float = Path.Combine(_folder.Path, "models", "changed.onnx") };
    }

    private string CopyOfLeaves(Func<string, bool> takes)
    {
        var copy = Path.Combine(_folder.Path, "models", "data");
        foreach (var file in Directory.GetFiles(data.Leaves, "*.png", SearchOption.AllDirectories).Concat(Directory.GetFiles(data.Leaves, "*.jpg", SearchOption.AllDirectories)))
        {
            var name = Path.GetRelativePath(data.Leaves, file);
            if (!takes(name.Split('/')[1])) continue;
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(copy, name))!);
            File.Copy(file, Path.Combine(copy, name));
        }

        Directory.CreateDirectory(Path.Combine(copy, "val"));
        return copy;
    }

    private static bool Run(string program, params string[] arguments)
    {
        using var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }

    private void Refused(QuantizeRequest request, params string[] said)
    {
        var refused = Assert.Throws<QuantizationException>(() => ModelQuantizer.Quantize(request, cancel: Cancel));

        foreach (var words in said) Assert.Contains(words, refused.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["int8.onnx"]));
    }

    private sealed class Steps : IProgress<PackProgress>
    {
        public PackProgress? Last { get; private set; }

        public Action<PackProgress> Then { get; init; } = _ => { };

        public void Report(PackProgress value)
        {
            Last = value;
            Then(value);
        }
    }
}
