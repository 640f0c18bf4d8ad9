using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using EdgeFleet.Shared.Files;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Models.Answers;
using EdgeFleet.Shared.Models.Sessions;
using EdgeFleet.Shared.Statistics;
using Microsoft.ML.OnnxRuntime;

namespace EdgeFleet.Testing.Packages;

/// <summary>
/// A whole package as it would be published, made in memory from ONNX files: the golden set holds what the float model answers to the golden inputs, and the
/// reference what those inputs look like. Put it into a <see cref="ContentStore"/> or write it as a folder.
/// </summary>
public sealed class TestPackage
{
    private readonly Dictionary<string, byte[]> _files;

    private TestPackage(Manifest manifest, Dictionary<string, byte[]> files)
    {
        Manifest = manifest;
        _files = files;
        ManifestBytes = JsonSerializer.SerializeToUtf8Bytes(manifest, WireJson.Indented.Manifest);
        Ref = new PackageRef { Name = manifest.Name, Version = manifest.Version, Digest = Sha256Digest.Of(ManifestBytes), Size = ManifestBytes.Length };
    }

    /// <summary>The manifest.</summary>
    public Manifest Manifest { get; }

    /// <summary>Bytes of <c>manifest.json</c>.</summary>
    public byte[] ManifestBytes { get; }

    /// <summary>How the package is named on the wire.</summary>
    public PackageRef Ref { get; }

    /// <summary>All files but the manifest, by their path in the package.</summary>
    public IReadOnlyDictionary<string, byte[]> Files => _files;

    /// <summary>Every file by its digest, the manifest included: what a server would serve.</summary>
    public IReadOnlyDictionary<Sha256Digest, byte[]> ByDigest =>
        _files.Values.Append(ManifestBytes).DistinctBy(b => Sha256Digest.Of(b)).ToDictionary(b => Sha256Digest.Of(b));

    /// <summary>Makes a package.</summary>
    public static TestPackage Build(TestPackageSpec spec)
    {
        var answers = spec.GoldenInputs.Select((tensor, i) => Answer(spec, tensor, i)).ToList();
        var files = new Dictionary<string, byte[]>
        {
            ["labels.txt"] = Encoding.UTF8.GetBytes(string.Join('\n', spec.Output.Labels) + "\n"),
        };
        if (spec.GoldenPhotos.Count == 0)
            files["golden/tensors.f32"] = [.. spec.GoldenInputs.SelectMany(t => MemoryMarshal.AsBytes<float>(t).ToArray())];
        foreach (var (name, onnx) in spec.Variants)
            files[$"variants/{name}.onnx"] = onnx;
        IReadOnlyList<byte[]> sources = [.. spec.GoldenSources, .. spec.GoldenPhotos];
        for (var i = 0; i < sources.Count; i++)
            files[SourcePath(i)] = sources[i];
        files["golden/golden.json"] = JsonSerializer.SerializeToUtf8Bytes(
            new GoldenSet { Tensors = spec.GoldenPhotos.Count > 0 ? null : FileOf(files, "golden/tensors.f32"), LeastAgreement = spec.LeastAgreement, ProbabilityTolerance = spec.ProbabilityTolerance, Items = [.. answers.Select((a, i) => i < sources.Count ? a.Item with { Source = FileOf(files, SourcePath(i)), Prepared = spec.GoldenPhotos.Count > 0 ? GoldenInputs.Describe(spec.GoldenInputs[i]) : null } : a.Item)] },
            WireJson.Indented.GoldenSet);
        files["reference.json"] = JsonSerializer.SerializeToUtf8Bytes(ReferenceOf(spec, answers.Select(a => a.Top)), WireJson.Indented.Reference);
        files["report.json"] = JsonSerializer.SerializeToUtf8Bytes(ReportOf(spec, files), WireJson.Indented.PackageReport);
        if (spec.Advice is { } advice)
            files["advice.json"] = JsonSerializer.SerializeToUtf8Bytes(advice, WireJson.Indented.AdviceTexts);
        return new TestPackage(ManifestOf(spec, files), files);
    }

    /// <summary>Puts every file into a store, as a finished download would.</summary>
    public void AddTo(ContentStore store)
    {
        foreach (var bytes in ByDigest.Values)
            store.Add(bytes);
    }

    /// <summary>Writes the package as a folder, as <c>edgefleet model pack</c> does.</summary>
    public void WriteTo(string folder)
    {
        foreach (var (path, bytes) in _files.Append(new("manifest.json", ManifestBytes)))
        {
            var file = Path.Combine(folder, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllBytes(file, bytes);
        }
    }

    private static (GoldenItem Item, int Top) Answer(TestPackageSpec spec, float[] tensor, int index)
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(file, spec.Float);
            using var session = ModelSession.Load(file, spec.Input, spec.Output);
            using var options = new RunOptions();
            tensor.CopyTo(session.Input);
            session.Run(options);
            float[] raw = [.. session.Output];
            var answer = AnswerReader.For(spec.Input, spec.Output).Read(session);
            var kept = KeptAnswer.Of(answer, session) ?? new KeptAnswer { Outputs = raw };
            var top = answer?.Label ?? -1;
            return (new GoldenItem { Label = spec.GoldenLabels?[index] ?? top, Expected = kept.Outputs, Boxes = kept.Boxes, Score = kept.Score }, top);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static Reference ReferenceOf(TestPackageSpec spec, IEnumerable<int> tops)
    {
        var outputs = new long[spec.Output.Labels.Count];
        foreach (var top in tops.Where(t => t >= 0))
            outputs[top]++;
        var names = spec.Input.Columns ?? ["red", "green", "blue"];
        var edges = spec.Input.Kind == "image" ? Enumerable.Range(1, 15).Select(i => i * 16.0) : Enumerable.Range(-8, 17).Select(i => i / 4.0);
        return new Reference
        {
            Samples = spec.GoldenInputs.Count,
            Inputs = [.. names.Select(n => Feature(n, [.. edges]))],
            Outputs = outputs,
            Confidence = Feature("confidence", [.. Enumerable.Range(1, 9).Select(i => i / 10.0)]),
        };
    }

    private static FeatureReference Feature(string name, double[] edges) =>
        new() { Name = name, Edges = edges, Counts = new long[edges.Length + 1], Moments = new Moments() };

    private static PackageReport ReportOf(TestPackageSpec spec, Dictionary<string, byte[]> files) => new()
    {
        Float = new Dictionary<string, SplitScore>(),
        Variants = [.. spec.Variants.Select(v => new VariantReport { Name = v.Key, Size = files[$"variants/{v.Key}.onnx"].Length, Splits = new Dictionary<string, SplitScore>(), SqnrDb = 0 })],
    };

    private static Manifest ManifestOf(TestPackageSpec spec, Dictionary<string, byte[]> files) => new()
    {
        Name = spec.Name,
        Version = spec.Version,
        Task = spec switch
        {
            { Output.Boxes: not null } => ModelTask.ObjectDetection,
            { Output.Score: not null } => ModelTask.AnomalyScore,
            { Input.Kind: "image" } => ModelTask.ImageClassification,
            _ => ModelTask.SeriesClassification,
        },
        Lineage = new Lineage
        {
            Source = "float.onnx",
            SourceDigest = Sha256Digest.Of(spec.Float),
            Data = $"{spec.GoldenInputs.Count} inputs of a test",
            DataDigest = Sha256Digest.Of(files["golden/golden.json"]),
            Tools = "edgefleet tests",
        },
        Input = spec.Input,
        Output = spec.Output,
        Alerts = spec.Alerts,
        Budgets = spec.Budgets,
        Shadow = spec.Shadow,
        Variants = [.. spec.Variants.Select(v => new Variant { Name = v.Key, Provider = ProviderOf(v.Key), File = FileOf(files, $"variants/{v.Key}.onnx"), Opset = 13 })],
        Labels = FileOf(files, "labels.txt"),
        Golden = FileOf(files, "golden/golden.json"),
        Reference = FileOf(files, "reference.json"),
        Report = FileOf(files, "report.json"),
        Files = [.. files.Keys.Where(p => p is not ("report.json" or "advice.json") && !p.StartsWith("variants/", StringComparison.Ordinal)).Select(p => FileOf(files, p))],
        Advice = spec.Advice is null ? null : FileOf(files, "advice.json"),
        ReleaseFloor = spec.ReleaseFloor,
        Unproven = spec.Unproven,
    };

    private static string SourcePath(int item) => $"golden/{item}.png";

    // As people name variants: the provider first.
    private static string ProviderOf(string variant) => ExecutionProviders.Known.FirstOrDefault(p => variant.StartsWith($"{p}-", StringComparison.Ordinal), ExecutionProviders.Cpu);

    private static FileRef FileOf(Dictionary<string, byte[]> files, string path) => new() { Path = path, Digest = Sha256Digest.Of(files[path]), Size = files[path].Length };
}
