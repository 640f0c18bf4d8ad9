using EdgeFleet.Agent.Inference;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.Agent.Sources;

/// <summary>What a reading came to.</summary>
internal enum SourceOutcomeKind
{
    /// <summary>The sample is filled; one that could not be read holds a fault.</summary>
    Sample,

    /// <summary>Nothing can be read now; it is tried again later.</summary>
    Stalled,

    /// <summary>All is well, and there is nothing new: at the next time again.</summary>
    Nothing,

    /// <summary>The last sample was given, and the source is not to begin again.</summary>
    Ended,
}

/// <summary>What a reading came to, with what people need to know of it.</summary>
/// <param name="Kind">What it came to.</param>
/// <param name="Why">Why it stalled, in a sentence; empty otherwise.</param>
/// <param name="Remedy">What to do about a stall; empty otherwise.</param>
/// <param name="RowsSkipped">Rows on the way to the sample that could not be used.</param>
internal readonly record struct SourceOutcome(SourceOutcomeKind Kind, string Why, string Remedy, int RowsSkipped)
{
    /// <summary>The last sample was given.</summary>
    public static SourceOutcome Ended => new(SourceOutcomeKind.Ended, "", "", 0);

    /// <summary>There is nothing new.</summary>
    public static SourceOutcome Nothing => new(SourceOutcomeKind.Nothing, "", "", 0);

    /// <summary>The sample is filled.</summary>
    public static SourceOutcome Sample(int rowsSkipped = 0) => new(SourceOutcomeKind.Sample, "", "", rowsSkipped);

    /// <summary>The source itself pauses after a stall and goes on, so that the next reading may wait for it at once.</summary>
    public bool ComesByItself { get; init; }

    /// <summary>Nothing can be read now.</summary>
    public static SourceOutcome Stalled(string why, string remedy, bool comesByItself = false) =>
        new(SourceOutcomeKind.Stalled, why, remedy, 0) { ComesByItself = comesByItself };
}

/// <summary>Gives the samples of one slot, one after another. One caller at a time.</summary>
internal interface ISampleSource : IDisposable
{
    /// <summary>Reads the next sample as the model that serves now takes it.</summary>
    /// <param name="input">Input of the active model: kind, columns, length of a window.</param>
    /// <param name="into">An empty sample to fill by one of its <c>Give</c> methods when the outcome is a sample; not to be kept.</param>
    /// <param name="cancel">Ends the reading.</param>
    ValueTask<SourceOutcome> ReadAsync(InputSpec input, Sample into, CancellationToken cancel);
}
