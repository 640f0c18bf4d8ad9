using EdgeFleet.Shared.Messages;

namespace EdgeFleet.Agent.Inference;

/// <summary>
/// The bounded queue between a source and its slot. Full, it drops the oldest sample, because the newest says most about the field now. It is also the slot's
/// ledger: one lock guards queue and counts, so that at any instant <c>Read = Dropped + Skipped + Answered + Waiting</c>. A sample that is offered belongs to the queue,
/// and goes back to the pool by way of it.
/// </summary>
internal sealed class SampleQueue(int lengthMax, SamplePool pool)
{
    private readonly object _gate = new();
    private readonly Queue<Sample> _samples = new(lengthMax);
    private long _read;
    private long _dropped;
    private long _skipped;
    private long _answered;
    private long _failed;
    private int _taken;
    private bool _closed;

    /// <summary>Where every sample went, since the process began.</summary>
    public SampleCounts Counts
    {
        get
        {
            lock (_gate)
            {
                return new SampleCounts
                {
                    Read = _read,
                    Dropped = _dropped,
                    Skipped = _skipped,
                    Answered = _answered,
                    Failed = _failed,
                    Waiting = _samples.Count + _taken,
                };
            }
        }
    }

    /// <summary>Calls of other programs that wait for the slot's model.</summary>
    public CallQueue Calls { get; } = new();

    /// <summary>Samples dropped so far.</summary>
    public long Dropped
    {
        get
        {
            lock (_gate)
                return _dropped;
        }
    }

    /// <summary>Takes a sample in; false once the queue is closed. Either way the caller holds it no longer.</summary>
    public bool Offer(Sample sample)
    {
        var unanswered = sample;
        var accepted = false;
        lock (_gate)
        {
            if (!_closed)
            {
                (accepted, unanswered) = (true, null);
                _read++;
                if (_samples.Count == lengthMax)
                {
                    unanswered = _samples.Dequeue();
                    _dropped++;
                }

                _samples.Enqueue(sample);
                Monitor.Pulse(_gate);
            }
        }

        if (unanswered is not null)
            pool.Return(unanswered);
        return accepted;
    }

    /// <summary>Lets a call of another program wait for its turn; false when there are too many.</summary>
    public bool Offer(ModelCall call)
    {
        lock (_gate)
        {
            if (!Calls.Offer(call))
                return false;

            Monitor.Pulse(_gate);
            return true;
        }
    }

    /// <summary>
    /// Waits for the oldest sample, or a call whose turn it is; neither once the queue is closed. The one taker ends each sample with <see cref="Finish"/>,
    /// <see cref="Skip"/> or <see cref="GiveUp"/>.
    /// </summary>
    public SlotTurn Take()
    {
        lock (_gate)
        {
            while (_samples.Count == 0 && Calls.Waiting == 0 && !_closed)
                Monitor.Wait(_gate);
            if (_closed)
                return default;
            if (Calls.Turn(_samples.Count > 0) is { } call)
                return new SlotTurn(null, call);

            _taken++;
            return new SlotTurn(_samples.Dequeue(), null);
        }
    }

    /// <summary>Takes further samples after <see cref="Take"/> gave the first, oldest first: those that wait, and those that come within a delay.</summary>
    /// <param name="into">Where they go, from index 1 on.</param>
    /// <param name="most">Samples in all, the first counted.</param>
    /// <param name="delayMs">Milliseconds to wait for them.</param>
    /// <returns>Samples in all.</returns>
    public int TakeMore(Sample[] into, int most, int delayMs)
    {
        var (count, end) = (1, Environment.TickCount64 + delayMs);
        lock (_gate)
        {
            while (count < most)
            {
                if (_samples.TryDequeue(out var next))
                {
                    _taken++;
                    into[count++] = next;
                    continue;
                }

                var left = end - Environment.TickCount64;
                if (_closed || left <= 0)
                    break;
                Monitor.Wait(_gate, (int)left);
            }
        }

        return count;
    }

    /// <summary>The taken sample was answered, well or not.</summary>
    public void Finish(Sample taken, bool failed)
    {
        pool.Return(taken);
        lock (_gate)
        {
            _taken--;
            _answered++;
            _failed += failed ? 1 : 0;
        }
    }

    /// <summary>The taken sample shows what the one before showed, and was passed over.</summary>
    public void Skip(Sample taken)
    {
        pool.Return(taken);
        lock (_gate)
        {
            _taken--;
            _skipped++;
        }
    }

    /// <summary>The taken sample will not be answered, because the process ends; it counts as dropped.</summary>
    public void GiveUp(Sample taken)
    {
        pool.Return(taken);
        lock (_gate)
        {
            _taken--;
            _dropped++;
        }
    }

    /// <summary>Lets nothing more in, and counts what still waits as dropped.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            Calls.Close();
            _dropped += _samples.Count;
            while (_samples.TryDequeue(out var waiting))
                pool.Return(waiting);
            Monitor.PulseAll(_gate);
        }
    }
}
