using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Models.Answers;

namespace EdgeFleet.Agent.Inference;

/// <summary>A package's variant ready to serve: session, manifest, reference. Disposed once no sample is in it.</summary>
internal sealed class LoadedModel(PackageRef package, Manifest manifest, Variant variant, Reference reference, ModelSession session) : IDisposable
{
    private static int _open;
    private static long _closed;
    private bool _isOpen = Interlocked.Increment(ref _open) > 0;

    /// <summary>How many were disposed since the process began: what they held can go back to the board.</summary>
    public static long Closed => Interlocked.Read(ref _closed);

    /// <summary>How many are in memory.</summary>
    public static int Open => Volatile.Read(ref _open);

    /// <summary>The package.</summary>
    public PackageRef Package => package;

    /// <summary>Why better variants were passed over, as a clause with its full stop; null when this is the best one for the board.</summary>
    public string? PassedOver { get; init; }

    /// <summary>Its manifest.</summary>
    public Manifest Manifest => manifest;

    /// <summary>The variant that fits this board.</summary>
    public Variant Variant => variant;

    /// <summary>The bins to count in.</summary>
    public Reference Reference => reference;

    /// <summary>The session; one caller at a time.</summary>
    public ModelSession Session => session;

    /// <summary>Turns samples into the session's input; one caller at a time.</summary>
    public SamplePreparer Preparer { get; } = new(manifest.Input);

    /// <summary>Makes answers of what stands in the session; one caller at a time.</summary>
    public AnswerReader Reader { get; } = AnswerReader.For(manifest.Input, manifest.Output);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_isOpen)
            return;

        _isOpen = false;
        session.Dispose();
        Interlocked.Decrement(ref _open);
        Interlocked.Increment(ref _closed);
    }
}
