namespace EdgeFleet.Agent.Inference;

/// <summary>One input as its source gave it: an encoded image or a window of readings, exactly one of them, or a fault.</summary>
internal sealed record Sample
{
    /// <summary>Running number in the slot, from 1.</summary>
    public required long Number { get; init; }

    /// <summary>When the source gave it, in ticks of the injected <see cref="TimeProvider"/>'s timestamp.</summary>
    public required long CapturedAt { get; init; }

    /// <summary>Where it came from, for messages: a file name or a row range.</summary>
    public required string Origin { get; init; }

    /// <summary>JPEG or PNG bytes.</summary>
    public ReadOnlyMemory<byte> Image { get; init; }

    /// <summary>Readings by time: <c>Length x Channels</c>.</summary>
    public ReadOnlyMemory<float> Window { get; init; }

    /// <summary>Why the source could not give it whole, in a sentence; such a sample is counted as failed, so that it is not silently missing.</summary>
    public string? Fault { get; init; }
}
