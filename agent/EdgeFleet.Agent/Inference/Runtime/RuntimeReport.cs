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

    /// <summary>The libraries that came into memory with it, each with its path, size and time: what is compiled depends on them.</summary>
    public IReadOnlyList<string> Libraries { get; set; } = [];
}

/// <summary>What became of one provider.</summary>
/// <param name="Name">One of <see cref="Shared.Models.Sessions.ExecutionProviders.Known"/>.</param>
/// <param name="Fault">Why it cannot be used; null when it can.</param>
internal sealed record ProviderReport(string Name, string? Fault);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(RuntimeReport))]
[JsonSerializable(typeof(RuntimeUse))]
internal sealed partial class RuntimeJson : JsonSerializerContext;
