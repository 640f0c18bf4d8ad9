using System.Text.Json.Serialization;

namespace EdgeFleet.Agent.Inference.Runtime;

/// <summary>What a process found in an ONNX Runtime library.</summary>
internal sealed record RuntimeReport
{
    /// <summary>Version of the library that answered; null when none did.</summary>
    public string? Version { get; set; }

    /// <summary>Why the library is of no use, as a clause; null when it is of use.</summary>
    public string? Fault { get; set; }

    /// <summary>The providers that were asked for, in that order; empty when the library is of no use.</summary>
    public IReadOnlyList<ProviderReport> Providers { get; set; } = [];
}

/// <summary>What became of one provider.</summary>
/// <param name="Name">One of <see cref="Shared.Models.Sessions.ExecutionProviders.Known"/>.</param>
/// <param name="Fault">Why it cannot be used; null when it can.</param>
internal sealed record ProviderReport(string Name, string? Fault);

/// <summary>What a process of the agent's own needs in order to run models as the agent does.</summary>
internal sealed record RuntimeUse
{
    /// <summary>ONNX Runtime library; empty for the one that ships.</summary>
    public string Library { get; set; } = "";

    /// <summary>Session options by ONNX Runtime's own keys.</summary>
    public IReadOnlyDictionary<string, string> SessionOptions { get; set; } = new Dictionary<string, string>();
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(RuntimeReport))]
[JsonSerializable(typeof(RuntimeUse))]
internal sealed partial class RuntimeJson : JsonSerializerContext;
