using EdgeFleet.ControlPlane.Telemetry;
using FsCheck;
using FsCheck.Fluent;

namespace EdgeFleet.ControlPlane.Tests.Telemetry;

public sealed class StreamLedgerTests
{
    [Fact]
    public void Batches_in_order_are_acknowledged_up_to_the_last()
    {
        var ledger = StreamLedger.Empty.Take(1, 1, 10).Take(1, 11, 5);

        Assert.Equal((15, 15, 0), (ledger.Acknowledged, ledger.Stored, ledger.Stepped));
    }

    [Fact]
    public void A_batch_beyond_a_gap_waits_for_the_gap_to_close()
    {
        var ahead = StreamLedger.Empty.Take(1, 6, 5);
        Assert.Equal((0, "6-10"), (ahead.Acknowledged, ahead.Pending.Format()));

        var closed = ahead.Take(1, 1, 5);
        Assert.Equal((10, 10, ""), (closed.Acknowledged, closed.Stored, closed.Pending.Format()));
    }

    [Fact]
    public void Low_steps_over_thinned_records_and_counts_them()
    {
        var ledger = StreamLedger.Empty.Take(1, 1, 3).Take(8, 8, 2);

        Assert.Equal((9, 5, 4), (ledger.Acknowledged, ledger.Stored, ledger.Stepped));
    }

    [Fact]
    public void Low_counts_as_stepped_only_what_is_not_stored_beyond_the_gap()
    {
        var ledger = StreamLedger.Empty.Take(1, 4, 2).Take(8, 8, 1);

        Assert.Equal((8, 3, 5), (ledger.Acknowledged, ledger.Stored, ledger.Stepped));
    }

    [Fact]
    public void A_record_given_up_that_comes_late_counts_as_stored()
    {
        var ledger = StreamLedger.Empty.Take(6, 6, 5).Take(1, 2, 2).Take(1, 2, 2);

        Assert.Equal((10, 7, 3), (ledger.Acknowledged, ledger.Stored, ledger.Stepped));
    }

    [Fact]
    public void An_empty_batch_says_that_everything_below_low_was_thinned()
    {
        var ledger = StreamLedger.Empty.Take(1, 1, 2).Take(6, 6, 0);

        Assert.Equal((5, 2, 3), (ledger.Acknowledged, ledger.Stored, ledger.Stepped));
    }

    [Fact]
    public void Ranges_beyond_the_limit_are_forgotten_and_count_when_they_come_again()
    {
        var ledger = StreamLedger.Empty;
        for (var i = 1; i <= StreamLedger.PendingRangesMax + 1; i++)
            ledger = ledger.Take(1, i * 10, 1);
        Assert.Equal(StreamLedger.PendingRangesMax, ledger.Pending.Items.Count);

        for (var i = 1; i <= (StreamLedger.PendingRangesMax + 1) * 10; i++)
            ledger = ledger.Take(1, i, 1);
        Assert.Equal(((StreamLedger.PendingRangesMax + 1) * 10L, 0), (ledger.Stored, ledger.Stepped));
    }

    [Fact]
    public void Ranges_read_back_what_they_write()
    {
        var ranges = SeqRanges.Empty.With(new SeqRange(4, 9)).With(new SeqRange(20, 20)).With(new SeqRange(12, 14)).With(new SeqRange(10, 10));

        Assert.Equal("4-10,12-14,20-20", ranges.Format());
        Assert.Equal(ranges.Items, SeqRanges.Parse(ranges.Format()).Items);
        Assert.Empty(SeqRanges.Parse("").Items);
    }

    [Fact]
    public void Any_order_of_any_batches_agrees_with_a_set_of_numbers()
    {
        var batch = from low in Gen.Choose(1, 30) from ahead in Gen.Choose(0, 10) from count in Gen.Choose(0, 8) select (Low: (long)low, First: (long)low + ahead, Count: (long)count);

        Check.One(Config.QuickThrowOnFailure.WithMaxTest(2000), Prop.ForAll(batch.ArrayOf().ToArbitrary(), batches =>
        {
            var (ledger, stored, acknowledged) = (StreamLedger.Empty, new HashSet<long>(), 0L);
            foreach (var (low, first, count) in batches)
            {
                ledger = ledger.Take(low, first, count);
                for (var seq = first; seq < first + count; seq++)
                    stored.Add(seq);
                acknowledged = Math.Max(acknowledged, low - 1);
                while (stored.Contains(acknowledged + 1))
                    acknowledged++;
            }

            return ledger.Acknowledged == acknowledged && ledger.Stored == stored.Count(s => s <= acknowledged) && ledger.Stepped == acknowledged - ledger.Stored;
        }));
    }
}
