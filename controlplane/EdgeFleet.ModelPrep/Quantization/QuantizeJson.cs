using System.Text.Json;
using System.Text.Json.Serialization;

namespace EdgeFleet.ModelPrep.Quantization;

/// <summary>The report as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(QuantizeReport))]
public sealed partial class QuantizeJson : JsonSerializerContext
{
    /// <summary>One JSON document.</summary>
    public static string Of(QuantizeReport report) => JsonSerializer.Serialize(report, Default.QuantizeReport);
}
