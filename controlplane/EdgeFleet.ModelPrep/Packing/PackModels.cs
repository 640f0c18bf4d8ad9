using EdgeFleet.ModelPrep.Onnx;
using EdgeFleet.ModelPrep.Quantization;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.ModelPrep.Packing;

/// <summary>A model of the package: its file, and what was read from it.</summary>
internal sealed record PackedModel(JudgedModel Judged, byte[] Bytes, Sha256Digest Digest, int Opset, string? Teacher);

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
        if (request.Onnx.Count == 0) throw new PackException("No model to pack. Give at least one --onnx FILE.");
        var (models, sessions, taken) = (new List<PackedModel>(), new List<ModelSession>(), new HashSet<string>());
        try
        {
            foreach (var path in request.Onnx.Prepend(request.Float))
            {
                models.Add(Read(path, models.Count == 0 ? [] : taken));
                sessions.Add(ModelSession.Load(path, specs.Input, specs.Output));
            }

            return new PackModels(models, sessions);
        }
        catch (Exception failed)
        {
            sessions.ForEach(s => s.Dispose());
            if (failed is ModelLoadException or OnnxFileException) throw new PackException(failed.Message, failed);
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var session in Sessions) session.Dispose();
    }

    private static PackedModel Read(string path, HashSet<string> taken)
    {
        var (model, bytes) = OnnxFile.ReadWhole(path);
        var isInt8 = model.Graph.Node.Any(n => n.OpType is "QuantizeLinear" or "QLinearConv" or "QLinearMatMul" or "ConvInteger" or "MatMulInteger");
        var kind = isInt8 ? "cpu-int8" : "cpu-fp32";
        var name = kind;
        for (var i = 2; !taken.Add(name); i++) name = $"{kind}-{i}";
        var opset = (int)(model.OpsetImport.FirstOrDefault(o => o.Domain.Length == 0)?.Version ?? 0);
        return new PackedModel(new JudgedModel(Path.GetFileName(path), name, bytes.Length), bytes, Sha256Digest.Of(bytes), opset, model.MetadataProps.FirstOrDefault(p => p.Key == QuantizedLineage.Teacher)?.Value);
    }
}
