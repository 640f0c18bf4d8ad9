namespace EdgeFleet.Shared.Messages;

/// <summary>Retained presence of a device, and its last will (<c>lost</c>).</summary>
public sealed record Presence
{
    /// <summary>Major version of the message.</summary>
    public int V { get; set; } = 1;

    /// <summary><c>ready</c>, <c>sleeping</c>, <c>off</c> or <c>lost</c>.</summary>
    public required string State { get; init; }

    /// <summary>Connection this presence belongs to; an older one than the newest hello's is ignored.</summary>
    public required long Session { get; init; }
}
