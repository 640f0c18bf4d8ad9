using EdgeFleet.Testing;
using EdgeFleet.Testing.Processes;

namespace EdgeFleet.Demo;

/// <summary>The inputs of a story about leaves: labelled photos, a float model and its int8 form, and a collapsed one that loads and is wrong.</summary>
internal sealed record LeafMaterial(
    string Model, string Data, string BoardPhotos, string Labels, string Float, string Int8, string Collapsed, int Size);

/// <summary>What the demo runs on: real coffee photos and models where given, else the simulated samples.</summary>
internal sealed record DemoMaterial(string Folder, bool IsReal, Func<CancellationToken, Task<LeafMaterial>> Leaves)
{
    private static string SampleModels => Path.Combine(RealData.CheckoutRoot, "provisioning", "samples", "models");

    /// <summary>Drawn leaves and the sample models.</summary>
    public static DemoMaterial Samples(string folder) => new(folder, IsReal: false, async cancel =>
    {
        var leaves = Path.Combine(folder, "samples", "leaves");
        Narrator.Say("Drawing sample leaves (simulated, they say nothing about real plants).");
        await SampleProgramAsync(cancel, "images", "--out", leaves);
        var int8 = Path.Combine(SampleModels, "sample_leaf_int8.onnx");
        var collapsed = Path.Combine(folder, "samples", "sample_leaf_int8_collapsed.onnx");
        await SampleProgramAsync(cancel, "spoil", "--collapse", int8, collapsed);
        return new LeafMaterial("sample-leaf", leaves, BoardPhotos(folder, Path.Combine(leaves, "test")), Path.Combine(leaves, "labels.txt"),
            Path.Combine(SampleModels, "sample_leaf_float.onnx"), int8, collapsed, Size: 48);
    });

    /// <summary>Real coffee photos and the three coffee models.</summary>
    public static DemoMaterial Coffee(string folder, string data) => new(folder, IsReal: true, _ =>
    {
        var models = Path.Combine(Path.GetFullPath(data), "coffee-leaf-models");
        var photos = Path.Combine(Path.GetFullPath(data), "coffee-leaf", "symptom");
        return Directory.Exists(models) && Directory.Exists(photos)
            ? Task.FromResult(new LeafMaterial("coffee-leaf", photos, BoardPhotos(folder, Path.Combine(photos, "test")), Path.Combine(models, "labels.txt"),
                Path.Combine(models, "coffee_leaf_float.onnx"), Path.Combine(models, "coffee_leaf_int8_qdq.onnx"), Path.Combine(models, "coffee_leaf_int8_collapsed.onnx"), Size: 224))
            : throw new DemoException($"{data} has no coffee-leaf/symptom and coffee-leaf-models. Give the folder that has, or leave DATA out.");
    });

    /// <summary>Makes a model that answers as the good one, at least 20 times slower.</summary>
    public async Task<string> SlowAsync(string good, CancellationToken cancel)
    {
        var slow = Path.Combine(Folder, "samples", Path.GetFileNameWithoutExtension(good) + "_slow.onnx");
        Directory.CreateDirectory(Path.GetDirectoryName(slow)!);
        Narrator.Say((await SampleProgramAsync(cancel, "spoil", "--slow", "--times", "25", "--least-ms", "75", good, slow)).Trim().Replace(Folder, "…", StringComparison.Ordinal));
        return slow;
    }

    /// <summary>Simulated vibration of a bearing that begins to fail: labelled windows and a stream for the board.</summary>
    public async Task<string> VibrationAsync(CancellationToken cancel)
    {
        var folder = Path.Combine(Folder, "samples", "vibration");
        Narrator.Say("Simulating the vibration of a bearing whose outer race begins to fail.");
        await SampleProgramAsync(cancel, "vibration", "--out", folder);
        return folder;
    }

    /// <summary>The bearing sample models.</summary>
    public static (string Float, string Int8) Bearing => (Path.Combine(SampleModels, "sample_bearing_float.onnx"), Path.Combine(SampleModels, "sample_bearing_int8.onnx"));

    // A camera looks at one plant for a while, then at the next: so a finding is seen several times in a row.
    private const int PhotosInARow = 8;

    private static string BoardPhotos(string folder, string test)
    {
        var photos = Path.Combine(folder, "camera");
        Directory.CreateDirectory(photos);
        var plants = Directory.GetDirectories(test).Order(StringComparer.Ordinal)
            .SelectMany((c, kind) => Directory.GetFiles(c).Order(StringComparer.Ordinal).Chunk(PhotosInARow).Select((files, visit) => (files, kind, visit)))
            .OrderBy(p => p.visit).ThenBy(p => p.kind);
        foreach (var (file, number) in plants.SelectMany(p => p.files).Select((f, i) => (f, i)))
            File.Copy(file, Path.Combine(photos, $"{number:D4}{Path.GetExtension(file)}"));

        return photos;
    }

    private static async Task<string> SampleProgramAsync(CancellationToken cancel, params string[] arguments)
    {
        var (code, output, all) = await LocalProcess.RunAsync([.. BuiltPrograms.Samples, .. arguments], TimeSpan.FromMinutes(3), cancel);
        return code == 0 ? output : throw new DemoException($"edgefleet-samples {string.Join(' ', arguments)} ended with {code}: {all}");
    }
}
