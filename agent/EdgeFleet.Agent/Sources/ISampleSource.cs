using EdgeFleet.Shared.Models;

namespace EdgeFleet.Agent.Sources;

/// <summary>What a source gave. A closed set.</summary>
internal abstract record SourceReading
{
    /// <summary>An encoded image.</summary>
    internal sealed record Image(string Origin, ReadOnlyMemory<byte> Bytes) : SourceReading;

    /// <summary>A window of readings, <c>Length x Channels</c>; <paramref name="RowsSkipped"/> rows on the way to it could not be used.</summary>
    internal sealed record Window(string Origin, ReadOnlyMemory<float> Readings, int RowsSkipped) : SourceReading;

    /// <summary>A sample is there and cannot be read; it counts as failed.</summary>
    internal sealed record Faulty(string Origin, string Why) : SourceReading;

    /// <summary>Nothing can be read now; it is tried again later.</summary>
    internal sealed record Stalled(string Why, string Remedy) : SourceReading;

    /// <summary>The last sample was given, and the source is not to begin again.</summary>
    internal sealed record Ended : SourceReading;
}

/// <summary>Gives the samples of one slot, one after another. One caller at a time.</summary>
internal interface ISampleSource : IDisposable
{
    /// <summary>Reads the next sample as the model that serves now takes it.</summary>
    /// <param name="input">Input of the active model: kind, columns, length of a window.</param>
    /// <param name="cancel">Ends the reading.</param>
    ValueTask<SourceReading> ReadAsync(InputSpec input, CancellationToken cancel);
}
