using System.Threading.Channels;
using EdgeFleet.Agent.Updates.Evidence;
using EdgeFleet.Shared.Messages;

namespace EdgeFleet.Agent.Updates;

/// <summary>The minutes of one slot: the last few to compare with, and a queue for the one who judges.</summary>
internal sealed class MinuteFeed
{
    private const int KeptMax = 16;

    private readonly Queue<SlotMinute> _last = new();
    private readonly Channel<SlotMinute> _minutes = Channel.CreateBounded<SlotMinute>(new BoundedChannelOptions(KeptMax) { FullMode = BoundedChannelFullMode.DropOldest });
    private bool _wasShadowed;

    /// <summary>Raised after a row in which a model answered; must be quick.</summary>
    public event Action? Answered;

    /// <summary>Tells whether a candidate runs in the slot's shadow.</summary>
    public Func<bool> IsShadowed { get; set; } = () => false;

    /// <summary>Takes a closed row in of which nothing else is known.</summary>
    public void Add(MinuteRow row) => Add(new SlotMinute(row));

    /// <summary>Takes a closed minute in.</summary>
    public void Add(SlotMinute minute)
    {
        lock (_last)
        {
            // What the meter shows while a candidate runs beside the model is not the model's energy; nor in the row in which that ended.
            var shadowed = IsShadowed();
            _last.Enqueue(shadowed || _wasShadowed ? minute with { Row = minute.Row with { EnergyUj = null, EnergyNetUj = null, EnergySigmaUj = null } } : minute);
            _wasShadowed = shadowed;
            if (_last.Count > KeptMax)
                _last.Dequeue();
        }

        _minutes.Writer.TryWrite(minute);
        if (minute.Row.Answered > 0)
            Answered?.Invoke();
    }

    /// <summary>Forgets minutes that nobody judged: they are older than what is to be judged.</summary>
    public void Skip()
    {
        while (_minutes.Reader.TryRead(out _))
        {
        }
    }

    /// <summary>The next minute.</summary>
    public ValueTask<SlotMinute> ReadAsync(CancellationToken cancel) => _minutes.Reader.ReadAsync(cancel);

    /// <summary>The last rows of a model, oldest first.</summary>
    public IReadOnlyList<MinuteRow> LastOf(string model)
    {
        lock (_last)
            return [.. _last.Select(m => m.Row).Where(r => r.Model == model)];
    }

    /// <summary>What a model did in its last minutes; null when it has answered in none of them.</summary>
    public ModelBaseline? BaselineOf(string model)
    {
        lock (_last)
            return ModelBaseline.Of(model, _last);
    }
}
