using EdgeFleet.ModelPrep.Onnx;
using EdgeFleet.ModelPrep.Quantization;
using EdgeFleet.Shared.Identity;

namespace EdgeFleet.ModelPrep.Inspecting;

/// <summary>Tells what stands in an ONNX file without running it.</summary>
public static class ModelInspector
{
    private const int OldestOpset = 7;

    /// <summary>Reads a file.</summary>
    /// <exception cref="OnnxFileException">It cannot be read.</exception>
    public static ModelSheet Inspect(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var (model, bytes) = OnnxFile.ReadWhole(path);
        var graph = model.Graph;
        var constants = graph.Initializer.Select(t => t.Name).ToHashSet();
        var inputs = graph.Input.Where(i => !constants.Contains(i.Name)).Select(Sheet).ToList();
        var own = File.ReadAllBytes(path);
        return new ModelSheet
        {
            File = Path.GetFileName(path),
            Size = own.Length,
            Digest = Sha256Digest.Of(own).Value,
            Producer = $"{model.ProducerName} {model.ProducerVersion}".Trim(),
            IrVersion = model.IrVersion,
            Opsets = model.OpsetImport.GroupBy(o => o.Domain.Length == 0 ? "ai.onnx" : o.Domain).ToDictionary(g => g.Key, g => g.First().Version),
            Inputs = inputs,
            Outputs = [.. graph.Output.Select(Sheet)],
            Operators = Operators(graph),
            IsQuantized = FloatModel.IsQuantized(model),
            HasExternalWeights = bytes.Length != own.Length,
            Values = GraphWalk.Tensors(graph).GroupBy(t => WeightReader.TypeName(t.DataType)).OrderBy(g => g.Key, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Sum(Tensors.Count)),
            Layers = [.. WeightReader.Read(graph).Select(l => new LayerSheet(l.Name, l.Operator, l.Shape, l.Type, l.Values.DefaultIfEmpty().Min(), l.Values.DefaultIfEmpty().Max()))],
            Metadata = model.MetadataProps.GroupBy(p => p.Key).ToDictionary(g => g.Key, g => g.First().Value),
            Notes = [.. Notes(model, inputs, Path.GetFileName(path))],
        };
    }

    /// <summary>Operators with their number, the most frequent first.</summary>
    internal static Dictionary<string, int> Operators(GraphProto graph) => GraphWalk.Graphs(graph).SelectMany(g => g.Node).GroupBy(n => n.OpType)
        .OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Count());

    /// <summary>A tensor in words.</summary>
    internal static TensorSheet Sheet(ValueInfoProto value)
    {
        var tensor = value.Type?.TensorType;
        return new TensorSheet(value.Name, tensor is null ? "no tensor" : WeightReader.TypeName(tensor.ElemType),
            tensor?.Shape is not { } shape ? ["?"] : [.. shape.Dim.Select(d => d.HasDimValue ? $"{d.DimValue}" : d.HasDimParam && d.DimParam.Length > 0 ? d.DimParam : "?")]);
    }

    private static IEnumerable<string> Notes(ModelProto model, List<TensorSheet> inputs, string name)
    {
        foreach (var input in inputs.Where(i => i.Shape.Skip(1).Any(d => !long.TryParse(d, out _))))
            yield return $"Input '{input.Name}' leaves dimensions open beside the batch ([{string.Join(", ", input.Shape)}]): a board needs a fixed size, so give --size (or --length) to pack and quantize, or export with a fixed one.";
        if (inputs.Count != 1)
            yield return $"It has {inputs.Count} inputs. One takes the sample; name the others as values of the place (--values).";
        foreach (var other in inputs.Where(i => i.Type != "float"))
            yield return $"Input '{other.Name}' is {other.Type}, not float. Export it with a float input; the board scales pixels by itself.";
        if (RefusalWords.Strange(model, "It") is { } strange) yield return strange;
        if (model.OpsetImport.FirstOrDefault(o => o.Domain.Length == 0)?.Version is < OldestOpset and var opset)
            yield return $"Opset {opset} is older than {OldestOpset}, the oldest that can be quantized here. Export it anew.";
        if (RefusalWords.Missing(model, name) is { } fault) yield return fault;
    }
}
