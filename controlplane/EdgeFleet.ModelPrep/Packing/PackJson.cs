using System.Text.Json.Serialization;

namespace EdgeFleet.ModelPrep.Packing;

/// <summary>JSON of what packing and verifying hand to people and to the process that asked.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(IReadOnlyList<LatencyFigures>))]
[JsonSerializable(typeof(PackageVerdict))]
internal sealed partial class PackJson : JsonSerializerContext;
