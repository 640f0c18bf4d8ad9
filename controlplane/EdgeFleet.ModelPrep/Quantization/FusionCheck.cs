using EdgeFleet.ModelPrep.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace EdgeFleet.ModelPrep.Quantization;

/// <summary>Counts what ONNX Runtime's optimizer makes of an int8 model: a Q/DQ pair that does not fuse runs in float, slower than before.</summary>
internal static class FusionCheck
{
    private static readonly HashSet<string> Layers = ["QLinearConv", "QGemm", "QLinearMatMul", "MatMulIntegerToFloat"];
    private static readonly HashSet<string> FloatLayers = ["Conv", "FusedConv", "NhwcFusedConv", "ConvTranspose", "Gemm", "FusedGemm", "MatMul", "FusedMatMul"];

    /// <summary>The count.</summary>
    /// <param name="model">Bytes of the int8 model.</param>
    /// <param name="asked">Layers that were written as int8.</param>
    /// <exception cref="QuantizationException">ONNX Runtime refuses the model.</exception>
    public static FusionReport Of(byte[] model, int asked)
    {
        var path = Path.Combine(Path.GetTempPath(), $"edgefleet-optimized-{Guid.NewGuid():n}.onnx");
        try
        {
            using var options = new SessionOptions { OptimizedModelFilePath = path, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, IntraOpNumThreads = 1 };
            using (new InferenceSession(model, options))
            {
                var nodes = OnnxFile.Read(path).Graph.Node;
                return new FusionReport(asked, nodes.Count(n => Layers.Contains(n.OpType)), Count(nodes, IsInteger), Count(nodes, n => FloatLayers.Contains(n)));
            }
        }
        catch (OnnxRuntimeException refused)
        {
            throw new QuantizationException($"ONNX Runtime cannot optimize the int8 model: {refused.Message}", refused);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static bool IsInteger(string operation) => operation.StartsWith("QLinear", StringComparison.Ordinal) || operation is "QGemm" or "MatMulIntegerToFloat";

    private static SortedDictionary<string, int> Count(IEnumerable<NodeProto> nodes, Func<string, bool> counts) =>
        new(nodes.Where(n => counts(n.OpType)).GroupBy(n => n.OpType).ToDictionary(g => g.Key, g => g.Count()), StringComparer.Ordinal);
}
