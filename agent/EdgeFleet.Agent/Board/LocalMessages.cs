using System.Text.Json.Serialization;

namespace EdgeFleet.Agent.Board;

/// <summary>What a command of this program asks the running agent: one line of JSON.</summary>
/// <param name="Ask"><c>status</c> or <c>snapshot</c>.</param>
/// <param name="Slot">Slot, for a snapshot.</param>
internal sealed record LocalRequest(string Ask, string? Slot = null);

/// <summary>What the running agent answers: exactly one of the three.</summary>
internal sealed record LocalAnswer
{
    /// <summary>How it stands.</summary>
    public AgentStatus? Status { get; init; }

    /// <summary>A sample with the model's answer.</summary>
    public Snapshot? Snapshot { get; init; }

    /// <summary>Why it cannot be answered.</summary>
    public LocalRefusal? Refused { get; init; }
}

/// <summary>Why the agent cannot answer, and what to do.</summary>
internal sealed record LocalRefusal(string Text, string Remedy);

/// <summary>One sample as the source gave it, with the model's answer.</summary>
internal sealed record Snapshot
{
    /// <summary>Slot.</summary>
    public required string Slot { get; init; }

    /// <summary>Where the sample came from: a file name, a frame, rows.</summary>
    public required string Origin { get; init; }

    /// <summary>When it was answered, Unix ms.</summary>
    public required long At { get; init; }

    /// <summary>Package that answered.</summary>
    public required string Package { get; init; }

    /// <summary>Its variant.</summary>
    public required string Variant { get; init; }

    /// <summary>Answers with confidence, the surest first, at most five; empty when it failed.</summary>
    public required IReadOnlyList<SnapshotAnswer> Answers { get; init; }

    /// <summary>Why it failed; null when it was answered.</summary>
    public string? Error { get; init; }

    /// <summary>Milliseconds for preparing and running.</summary>
    public required double Ms { get; init; }

    /// <summary>Ending of a file name for <see cref="Content"/>: <c>jpg</c>, <c>png</c> or <c>csv</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>The photo, or the readings as CSV.</summary>
    public required byte[] Content { get; init; }
}

/// <summary>One label with its confidence, 0 to 1.</summary>
internal sealed record SnapshotAnswer(string Label, double Confidence);

/// <summary>Source-generated JSON of this folder.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true, MaxDepth = 16)]
[JsonSerializable(typeof(LocalRequest))]
[JsonSerializable(typeof(LocalAnswer))]
[JsonSerializable(typeof(AgentStatus))]
[JsonSerializable(typeof(Snapshot))]
internal sealed partial class LocalJson : JsonSerializerContext
{
    /// <summary>The same shapes, indented, for people and scripts.</summary>
    public static LocalJson Indented => Pretty.Context;

    private static class Pretty
    {
        internal static readonly LocalJson Context = new(new System.Text.Json.JsonSerializerOptions(Default.Options) { WriteIndented = true });
    }
}
