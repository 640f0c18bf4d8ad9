using EdgeFleet.ModelPrep.Onnx;
using EdgeFleet.ModelPrep.Quantization;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Models.Sessions;

namespace EdgeFleet.ModelPrep.Packing;

/// <summary>A model of the package: its file, what was read from it, and the execution provider that it is for.</summary>
internal sealed record PackedModel(JudgedModel Judged, byte[] Bytes, Sha256Digest Digest, int Opset, string? Teacher, string? MadeOf, string Provider);

/// <summary>The float model (index 0) and the variants behind it, loaded as a board loads them.</summary>
internal sealed class PackModels : IDisposable
{
    private PackModels(IReadOnlyList<PackedModel> all, IReadOnlyList<ModelSession> sessions) => (All, Sessions) = (all, sessions);

    /// <summary>Float model first, then the variants.</summary>
    public IReadOnlyList<PackedModel> All { get; }

    /// <summary>Their sessions, in the same order.</summary>
    public IReadOnlyList<ModelSession> Sessions { get; }

    /// <summary>The variants with their index.</summary>
    public IEnumerable<(PackedModel Model, int Index)> Variants => All.Select((m, i) => (m, i)).Skip(1);

    /// <summary>File names, for sentences.</summary>
    public IReadOnlyList<string> Names => [.. All.Select(m => m.Judged.File)];

    /// <summary>Reads and loads all of them.</summary>
    /// <exception cref="PackException">No variant, or one that ONNX Runtime refuses or that does not fit the float model.</exception>
    public static PackModels Load(PackRequest request, PackSpecs specs)
    {
        if (request.Onnx.Count + request.TensorRt.Count == 0) throw new PackException("No model to pack. Give at least one --onnx FILE.");
        var (models, sessions, taken) = (new List<PackedModel>(), new List<ModelSession>(), new HashSet<string>());
        try
        {
            foreach (var (path, provider) in request.Onnx.Prepend(request.Float).Select(f => (f, ExecutionProviders.Cpu)).Concat(request.TensorRt.Select(f => (f, ExecutionProviders.TensorRt))))
            {
                var (packed, model) = Read(path, provider, models.Count == 0 ? [] : taken);
                models.Add(packed);
                sessions.Add(Open(path, provider, model, specs));
            }

            return new PackModels(models, sessions);
        }
        catch (Exception failed)
        {
            sessions.ForEach(s => s.Dispose());
            if (failed is OnnxFileException) throw new PackException(failed.Message, failed);
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var session in Sessions) session.Dispose();
    }

    /// <summary>Loads a variant as it can be asked here: what is for TensorRT runs as it is written, since this CPU's optimizer makes something else of it.</summary>
    /// <exception cref="ModelLoadException">ONNX Runtime refuses it, or it does not fit.</exception>
    internal static ModelSession LoadFor(string provider, string path, InputSpec input, OutputSpec output) => provider == ExecutionProviders.Cpu
        ? ModelSession.Load(path, input, output)
        : ModelSession.Load(File.ReadAllBytes(path), Path.GetFileName(path), input, output, isOptimized: false);

    private static ModelSession Open(string path, string provider, ModelProto model, PackSpecs specs)
    {
        try
        {
            return LoadFor(provider, path, specs.Input, specs.Output);
        }
        catch (ModelLoadException refused)
        {
            throw new PackException(RefusalWords.Of(model, Path.GetFileName(path), refused.Message) ?? refused.Message, refused);
        }
    }

    private static string? Said(ModelProto model, string key) => model.MetadataProps.FirstOrDefault(p => p.Key == key)?.Value;

    private static (PackedModel Packed, ModelProto Model) Read(string path, string provider, HashSet<string> taken)
    {
        var (model, bytes) = OnnxFile.ReadWhole(path);
        var isInt8 = model.Graph.Node.Any(n => n.OpType is "QuantizeLinear" or "QLinearConv" or "QLinearMatMul" or "ConvInteger" or "MatMulInteger");
        var kind = $"{provider}-{(isInt8 ? "int8" : "fp32")}";
        var name = kind;
        for (var i = 2; !taken.Add(name); i++) name = $"{kind}-{i}";
        var opset = (int)(model.OpsetImport.FirstOrDefault(o => o.Domain.Length == 0)?.Version ?? 0);
        return (new PackedModel(
            new JudgedModel(Path.GetFileName(path), name, bytes.Length), bytes, Sha256Digest.Of(bytes), opset, Said(model, QuantizedLineage.Teacher), Said(model, QuantizedLineage.Source), provider), model);
    }
}
