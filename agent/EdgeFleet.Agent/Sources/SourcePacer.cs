using System.Runtime.CompilerServices;

namespace EdgeFleet.Agent.Sources;

/// <summary>Keeps a rate that may change at any time. A late sample is not made up for by a burst.</summary>
internal sealed class SourcePacer(TimeProvider time, Func<double> perSecond) : IDisposable
{
    // A changed rate acts within this time, however slow the old one was.
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);
    private readonly ReusableDelay _delay = new(time);
    private long? _last;

    /// <summary>Completes when the next sample is due; a rate of 0 pauses.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask WaitAsync(CancellationToken cancel)
    {
        while (TimeLeft() is { Ticks: > 0 } left)
            await _delay.WaitAsync(left < LookAgain ? left : LookAgain, cancel);

        var now = time.GetTimestamp();
        var interval = IntervalTicks(perSecond());
        // Counted from when it was due, so that the delay's own lateness does not add up.
        _last = _last is { } last && now - last < 2 * interval ? last + interval : now;
    }

    /// <inheritdoc/>
    public void Dispose() => _delay.Dispose();

    private TimeSpan TimeLeft()
    {
        var rate = perSecond();
        if (rate <= 0)
            return LookAgain;
        if (_last is not { } last)
            return TimeSpan.Zero;

        var left = last + IntervalTicks(rate) - time.GetTimestamp();
        // Rounded up to a whole millisecond, the timer's grain: rounded down it would spin.
        return left <= 0 ? TimeSpan.Zero : TimeSpan.FromMilliseconds(Math.Ceiling(left * 1000.0 / time.TimestampFrequency));
    }

    private long IntervalTicks(double rate) => rate <= 0 ? 0 : (long)(time.TimestampFrequency / rate);
}
