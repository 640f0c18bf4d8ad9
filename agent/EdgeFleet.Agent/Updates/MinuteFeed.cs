using System.Threading.Channels;
using EdgeFleet.Shared.Messages;

namespace EdgeFleet.Agent.Updates;

/// <summary>The minute rows of one slot: the last few to compare with, and a queue for the one who judges.</summary>
internal sealed class MinuteFeed
{
    private const int KeptMax = 16;

    private readonly Queue<MinuteRow> _last = new();
    private readonly Channel<MinuteRow> _rows = Channel.CreateBounded<MinuteRow>(new BoundedChannelOptions(KeptMax) { FullMode = BoundedChannelFullMode.DropOldest });
    private bool _wasShadowed;

    /// <summary>Raised after a row in which a model answered; must be quick.</summary>
    public event Action? Answered;

    /// <summary>Tells whether a candidate runs in the slot's shadow.</summary>
    public Func<bool> IsShadowed { get; set; } = () => false;

    /// <summary>Takes a closed row in.</summary>
    public void Add(MinuteRow row)
    {
        lock (_last)
        {
            // What the meter shows while a candidate runs beside the model is not the model's energy; nor in the row in which that ended.
            var shadowed = IsShadowed();
            _last.Enqueue(shadowed || _wasShadowed ? row with { EnergyUj = null, EnergyNetUj = null, EnergySigmaUj = null } : row);
            _wasShadowed = shadowed;
            if (_last.Count > KeptMax)
                _last.Dequeue();
        }

        _rows.Writer.TryWrite(row);
        if (row.Answered > 0)
            Answered?.Invoke();
    }

    /// <summary>Forgets rows that nobody judged: they are older than what is to be judged.</summary>
    public void Skip()
    {
        while (_rows.Reader.TryRead(out _))
        {
        }
    }

    /// <summary>The next row.</summary>
    public ValueTask<MinuteRow> ReadAsync(CancellationToken cancel) => _rows.Reader.ReadAsync(cancel);

    /// <summary>The last rows of a model, oldest first.</summary>
    public IReadOnlyList<MinuteRow> LastOf(string model)
    {
        lock (_last)
            return [.. _last.Where(r => r.Model == model)];
    }

    /// <summary>Median of the last 95th percentiles of a model, microseconds; null when it has no row with answers.</summary>
    public long? TypicalP95Us(string model)
    {
        lock (_last)
        {
            var sorted = _last.Where(r => r.Model == model && r.Answered > 0).Select(r => r.P95Us).Order().ToList();
            return sorted.Count == 0 ? null : sorted[sorted.Count / 2];
        }
    }
}
