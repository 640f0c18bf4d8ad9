using System.Text.Json.Serialization;

namespace EdgeFleet.Agent.Health.Check;

/// <summary>How a finding is to be taken.</summary>
internal enum FindingKind
{
    /// <summary>As it should be.</summary>
    Good,

    /// <summary>It works, and may not for long.</summary>
    Warning,

    /// <summary>It does not work.</summary>
    Fault,
}

/// <summary>One thing that was looked at.</summary>
/// <param name="About">What: <c>configuration</c>, <c>clock</c>, <c>slot leaf</c> ...</param>
/// <param name="Kind">How it is to be taken.</param>
/// <param name="Text">What was found, as a clause.</param>
/// <param name="Remedy">What to do; empty for what is good.</param>
internal sealed record Finding(string About, FindingKind Kind, string Text, string Remedy = "")
{
    /// <summary>As it should be.</summary>
    public static Finding Good(string about, string text) => new(about, FindingKind.Good, text);
}

/// <summary>Source-generated JSON of findings.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, WriteIndented = true)]
[JsonSerializable(typeof(IReadOnlyList<Finding>))]
internal sealed partial class FindingJson : JsonSerializerContext;
