using EdgeFleet.Shared.Identity;

namespace EdgeFleet.Shared.Messages;

/// <summary>What is committed in the control plane, so that the device may forget it. Cumulative, at most one a second.</summary>
public sealed record Ack
{
    /// <summary>Major version of the message.</summary>
    public int V { get; set; } = 1;

    /// <summary>Epoch the numbers belong to; an ack of another epoch is ignored.</summary>
    public required string Epoch { get; init; }

    /// <summary>By stream, the highest number up to which everything is committed or stepped over.</summary>
    public Dictionary<string, long> Streams { get; set; } = [];

    /// <summary>Blobs that are stored.</summary>
    public IReadOnlyList<Sha256Digest> Blobs { get; set; } = [];

    /// <summary>Time of the control plane at sending, Unix ms: what a board without a clock may go by; null from an older one.</summary>
    public long? At { get; set; }
}
