namespace EdgeFleet.Agent.Inference;

/// <summary>
/// The samples of one slot that nobody holds. Whoever rents one gives it back once: the source's worker when nothing came, the queue when it was answered or
/// dropped. The last one given back is rented first, so that few samples are warm and hold buffers.
/// </summary>
/// <param name="keptMax">Samples kept; more are left to the collector.</param>
internal sealed class SamplePool(int keptMax)
{
    private readonly object _gate = new();
    private readonly Stack<Sample> _free = new(keptMax);

    /// <summary>An empty sample.</summary>
    public Sample Rent()
    {
        lock (_gate)
            return _free.TryPop(out var sample) ? sample : new Sample();
    }

    /// <summary>Takes a sample back; its holder must not touch it any more.</summary>
    public void Return(Sample sample)
    {
        sample.Clear();
        lock (_gate)
        {
            if (_free.Count < keptMax)
                _free.Push(sample);
        }
    }
}
