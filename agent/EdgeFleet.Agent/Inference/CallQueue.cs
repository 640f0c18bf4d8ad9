namespace EdgeFleet.Agent.Inference;

/// <summary>
/// Calls that wait for a slot's model, few at most. The slot's own samples go first; a call's turn comes after some of them in a row, so that neither starves the
/// other. Guarded by the lock of the <see cref="SampleQueue"/> that it belongs to, but for the counts.
/// </summary>
internal sealed class CallQueue
{
    /// <summary>Samples in a row after which a waiting call has its turn.</summary>
    public const int SamplesInARow = 4;

    private readonly Queue<ModelCall> _calls = new();
    private int _inARow;
    private long _answered;
    private long _failed;
    private long _refused;

    /// <summary>Calls that may wait; 0 while nobody may call.</summary>
    public int LengthMax { get; set; }

    /// <summary>Calls that wait.</summary>
    public int Waiting => _calls.Count;

    /// <summary>Calls that were answered.</summary>
    public long Answered => Interlocked.Read(ref _answered);

    /// <summary>Calls whose input could not be used, or at which the model failed.</summary>
    public long Failed => Interlocked.Read(ref _failed);

    /// <summary>Calls turned away because too many waited.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Takes a call in, or turns it away.</summary>
    public bool Offer(ModelCall call)
    {
        if (_calls.Count >= LengthMax)
        {
            Interlocked.Increment(ref _refused);
            return false;
        }

        _calls.Enqueue(call);
        return true;
    }

    /// <summary>The call whose turn it is; null when a sample's is, or nothing waits.</summary>
    public ModelCall? Turn(bool samplesWait)
    {
        if (_calls.Count == 0)
        {
            _inARow = 0;
            return null;
        }

        if (samplesWait && _inARow < SamplesInARow)
        {
            _inARow++;
            return null;
        }

        _inARow = 0;
        return _calls.Dequeue();
    }

    /// <summary>Counts how a call ended.</summary>
    public void Count(CallAnswer answer) => Interlocked.Increment(ref answer is CallAnswer.Answered ? ref _answered : ref _failed);

    /// <summary>Ends all that wait.</summary>
    public void Close()
    {
        LengthMax = 0;
        while (_calls.TryDequeue(out var call))
            call.End(new CallAnswer.Closed());
    }
}
