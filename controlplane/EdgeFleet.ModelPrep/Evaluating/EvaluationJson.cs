using System.Text.Json;
using System.Text.Json.Serialization;

namespace EdgeFleet.ModelPrep.Evaluating;

/// <summary>The report as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(EvaluationReport))]
public sealed partial class EvaluationJson : JsonSerializerContext
{
    /// <summary>One JSON document.</summary>
    public static string Of(EvaluationReport report) => JsonSerializer.Serialize(report, Default.EvaluationReport);
}
