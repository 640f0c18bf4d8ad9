namespace EdgeFleet.ControlPlane.Telemetry;

/// <summary>
/// How far one stream of one epoch is taken in. Pure: rows are committed first, then the ledger, then the acknowledgement goes out, so a cut at
/// any place costs a resend and nothing else. <c>Acknowledged = Stored + Stepped</c> always holds; that the stored ones are there is
/// checked by counting rows.
/// </summary>
internal sealed record StreamLedger
{
    /// <summary>Ranges that are remembered ahead of a gap; further ones are stored and come again.</summary>
    public const int PendingRangesMax = 64;

    /// <summary>Ranges of numbers stepped over that are remembered for records that still come late.</summary>
    public const int SteppedRangesMax = 64;

    /// <summary>A stream of which nothing has come.</summary>
    public static readonly StreamLedger Empty = new();

    /// <summary>Number up to which every record is stored or stepped over.</summary>
    public long Acknowledged { get; init; }

    /// <summary>Records up to there that are stored.</summary>
    public long Stored { get; init; }

    /// <summary>Numbers up to there whose records the device thinned.</summary>
    public long Stepped { get; init; }

    /// <summary>Records stored beyond a gap.</summary>
    public SeqRanges Pending { get; init; } = SeqRanges.Empty;

    /// <summary>The last numbers stepped over.</summary>
    public SeqRanges SteppedRanges { get; init; } = SeqRanges.Empty;

    /// <summary>Row version in the database, 0 when there is no row yet.</summary>
    public long Version { get; init; }

    /// <summary>Takes in that <paramref name="count"/> records from <paramref name="first"/> are committed, and that the device holds none below <paramref name="low"/>.</summary>
    public StreamLedger Take(long low, long first, long count) => TakeLate(first, count).TakeAhead(first, count).StepTo(low - 1).Advance();

    // A record that was given up as thinned and comes after all, for example in a batch that was overtaken.
    private StreamLedger TakeLate(long first, long count)
    {
        var range = new SeqRange(first, Math.Min(first + count - 1, Acknowledged));
        var late = range.Count > 0 ? SteppedRanges.Within(range).Count : 0;
        return late == 0 ? this : this with { Stored = Stored + late, Stepped = Stepped - late, SteppedRanges = SteppedRanges.Without(range) };
    }

    private StreamLedger TakeAhead(long first, long count) =>
        this with { Pending = Pending.With(new SeqRange(Math.Max(first, Acknowledged + 1), first + count - 1)) };

    private StreamLedger StepTo(long last)
    {
        if (last <= Acknowledged)
            return this;

        var passed = new SeqRange(Acknowledged + 1, last);
        var stored = Pending.Within(passed);
        var gaps = stored.Items.Aggregate(SeqRanges.Empty.With(passed), (left, range) => left.Without(range));
        return this with
        {
            Acknowledged = last,
            Stored = Stored + stored.Count,
            Stepped = Stepped + gaps.Count,
            Pending = Pending.Without(passed),
            SteppedRanges = gaps.Items.Aggregate(SteppedRanges, (all, gap) => all.With(gap)).Last(SteppedRangesMax),
        };
    }

    private StreamLedger Advance() => Pending.Items is [var next, ..] && next.From == Acknowledged + 1
        ? this with { Acknowledged = next.To, Stored = Stored + next.Count, Pending = Pending.Without(next) }
        : this with { Pending = Pending.First(PendingRangesMax) };
}
