using System.Text.Json;
using System.Text.Json.Serialization;

namespace EdgeFleet.ModelPrep.Inspecting;

/// <summary>What inspecting and comparing give, as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ModelSheet))]
[JsonSerializable(typeof(ModelDifference))]
[JsonSerializable(typeof(PackageSheet))]
public sealed partial class InspectJson : JsonSerializerContext
{
    /// <summary>One JSON document.</summary>
    public static string Of(ModelSheet sheet) => JsonSerializer.Serialize(sheet, Default.ModelSheet);

    /// <inheritdoc cref="Of(ModelSheet)"/>
    public static string Of(ModelDifference difference) => JsonSerializer.Serialize(difference, Default.ModelDifference);

    /// <inheritdoc cref="Of(ModelSheet)"/>
    public static string Of(PackageSheet sheet) => JsonSerializer.Serialize(sheet, Default.PackageSheet);
}
