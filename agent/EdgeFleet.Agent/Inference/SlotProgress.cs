using EdgeFleet.Shared.Models;

namespace EdgeFleet.Agent.Inference;

/// <summary>What a slot's thread is at: written by it, looked at by the watch. A thread that hangs in native code cannot say so itself.</summary>
internal sealed class SlotProgress
{
    private readonly object _gate = new();
    private PackageRef? _model;
    private long _begun;
    private long _done;

    /// <summary>Samples and calls that came out of a model, well or not.</summary>
    public long Done
    {
        get
        {
            lock (_gate)
                return _done;
        }
    }

    /// <summary>The thread goes into a model.</summary>
    public void Begin(PackageRef model, long now)
    {
        lock (_gate)
            (_model, _begun) = (model, now);
    }

    /// <summary>It came back.</summary>
    public void End()
    {
        lock (_gate)
            (_model, _done) = (null, _done + 1);
    }

    /// <summary>The model that the thread is in, and since when by the timestamp of <see cref="Begin"/>; null while it is in none.</summary>
    public (PackageRef Model, long Begun)? Inside
    {
        get
        {
            lock (_gate)
                return _model is { } model ? (model, _begun) : null;
        }
    }
}
