using System.Text.Json;
using EdgeFleet.Agent.Connectivity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Topics;

namespace EdgeFleet.Agent.Tests.Connectivity;

/// <summary>Batches, and when they go.</summary>
public sealed class BatchBuilderTests
{
    private static readonly ConnectivityOptions Options = new();
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeMilliseconds(1_790_000_000_000);

    [Fact]
    public void A_batch_names_epoch_low_and_first_and_holds_the_rows_in_order()
    {
        var batch = BatchBuilder.Build("e", RecordStream.Minute, 5, [Row(7), Row(8), Row(9)])!;
        var read = WireCodec.Decode(batch.Bytes, WireJson.Default.MinuteBatch, WireCodec.UpBytesMax);
        Assert.Equal(("e", 5L, 7L, 3), (read.Epoch, read.Low, read.First, read.Count));
        Assert.Equal([7L, 8L, 9L], read.Rows().Select(r => r.Answered));
        Assert.Equal((9L, TopicKind.Telemetry, "minute"), (batch.Last, batch.Kind, batch.Detail));
    }

    [Fact]
    public void A_batch_ends_at_a_hole() => Assert.Equal(8, BatchBuilder.Build("e", RecordStream.Minute, 7, [Row(7), Row(8), Row(10)])!.Last);

    [Fact]
    public void A_batch_ends_before_a_record_that_cannot_be_read()
    {
        StoredRecord[] records = [Row(7), new(8, 0, [1, 2]), Row(9)];
        Assert.Equal(7, BatchBuilder.Build("e", RecordStream.Minute, 7, records)!.Last);
        Assert.Null(BatchBuilder.Build("e", RecordStream.Minute, 7, records[1..]));
    }

    [Fact]
    public void Events_go_by_type_in_their_order()
    {
        StoredRecord[] records = [Event(1, Some.Event(1)), Event(2, Some.Event(2)), Event(3, Gap()), Event(4, Some.Event(4))];
        var batch = BatchBuilder.Build("e", RecordStream.Event, 1, records)!;
        Assert.Equal((2L, TopicKind.Event, "alert"), (batch.Last, batch.Kind, batch.Detail));
        Assert.Equal("gap", BatchBuilder.Build("e", RecordStream.Event, 1, records[2..])!.Detail);
    }

    [Fact]
    public void A_batch_that_packs_badly_is_halved_until_it_fits_a_message()
    {
        var random = new Random(1);
        var records = Enumerable.Range(1, 40).Select(i => new StoredRecord(i, 0, JsonSerializer.SerializeToUtf8Bytes(
            Some.Event(i) with { Alert = Some.Event(i).Alert! with { Readings = [.. Enumerable.Range(0, 1000).Select(_ => random.NextSingle())] } }, WireJson.Default.DeviceEvent))).ToList();
        var batch = BatchBuilder.Build("e", RecordStream.Event, 1, records)!;
        Assert.InRange(batch.Bytes.Length, 1, WireCodec.UpBytesMax);
        Assert.InRange(batch.Last, 2, 39);
    }

    [Fact]
    public void The_largest_record_that_is_taken_fits_a_message_alone()
    {
        var random = new Random(2);
        var readings = Enumerable.Range(0, 11_000).Select(_ => random.NextSingle()).ToList();
        var alert = Some.Event(1) with { Alert = Some.Event(1).Alert! with { Readings = readings } };
        var payload = JsonSerializer.SerializeToUtf8Bytes(alert, WireJson.Default.DeviceEvent);
        Assert.InRange(payload.Length, OutboxWriter.RecordBytesMax * 8 / 10, OutboxWriter.RecordBytesMax);
        Assert.InRange(BatchBuilder.Build("e", RecordStream.Event, 1, [new StoredRecord(1, 0, payload)])!.Bytes.Length, 1, WireCodec.UpBytesMax);
    }

    [Theory]
    [InlineData(RecordStream.Event, 1, 0, true)]
    [InlineData(RecordStream.Profile, 1, 0, true)]
    [InlineData(RecordStream.Event, 0, 0, false)]
    [InlineData(RecordStream.Minute, 14, 0, false)]
    [InlineData(RecordStream.Minute, 15, 0, true)]
    [InlineData(RecordStream.Minute, 1, 899, false)]
    [InlineData(RecordStream.Minute, 1, 900, true)]
    [InlineData(RecordStream.Minute, 1, -60, true)] // The clock was set back.
    public void Minute_rows_wait_for_company_and_nothing_else_does(string stream, int count, int oldestSeconds, bool isDue) =>
        Assert.Equal(isDue, BatchBuilder.IsDue(stream, new Backlog(count, 1, Now.AddSeconds(-oldestSeconds).ToUnixTimeMilliseconds()), Options, Now));

    [Fact]
    public void Two_slots_wait_for_twice_the_rows() =>
        Assert.False(BatchBuilder.IsDue(RecordStream.Minute, new Backlog(29, 2, Now.ToUnixTimeMilliseconds()), Options, Now));

    private static StoredRecord Row(long seq) => new(seq, 0, JsonSerializer.SerializeToUtf8Bytes(Some.Row(seq), WireJson.Default.MinuteRow));

    private static StoredRecord Event(long seq, DeviceEvent happened) => new(seq, 0, JsonSerializer.SerializeToUtf8Bytes(happened, WireJson.Default.DeviceEvent));

    private static DeviceEvent Gap() => new() { Type = EventType.Gap, At = 1, Slot = Some.Slot, Gap = new Gap { From = 1, To = 2, Reason = "test" } };
}
