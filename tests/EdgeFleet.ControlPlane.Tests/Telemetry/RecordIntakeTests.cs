using EdgeFleet.ControlPlane.Data;
using EdgeFleet.ControlPlane.Devices;
using EdgeFleet.ControlPlane.Telemetry;
using EdgeFleet.ControlPlane.Tests.Data;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeFleet.ControlPlane.Tests.Telemetry;

public abstract class RecordIntakeTests(PostgresFixture? postgres) : PlaneTests(postgres)
{
    [Fact]
    public async Task A_batch_is_stored_and_then_acknowledged()
    {
        var device = await Plane.EnrolAsync("leaf-1");
        await Plane.MinutesAsync(device, 1, 15);
        await Plane.SendAcksAsync();

        Assert.Equal(15, await Plane.CountAsync(device));
        var (to, ack) = Assert.Single(Plane.Downlink.Acks);
        Assert.Equal((device, "epoch-1", 15L), (to, ack.Epoch, ack.Streams[RecordStream.Minute]));
        var rows = await Plane.Store.MinutesAsync(device, SlotName.Parse("leaf"), 0, Cancel);
        Assert.Equal(Enumerable.Range(1, 15).Select(i => Some.Minute(i)), rows);
    }

    [Fact]
    public async Task A_batch_that_comes_twice_is_stored_once_and_acknowledged_twice()
    {
        var device = await Plane.EnrolAsync("leaf-1");
        await Plane.MinutesAsync(device, 1, 5);
        await Plane.SendAcksAsync();
        await Plane.MinutesAsync(device, 1, 5);
        await Plane.SendAcksAsync();

        Assert.Equal(5, await Plane.CountAsync(device));
        Assert.Equal([5L, 5L], Plane.Downlink.Acks.Select(a => a.Ack.Streams[RecordStream.Minute]));
        Assert.Equal((5, 0), await StoredAndSteppedAsync(device));
    }

    [Fact]
    public async Task Batches_in_the_wrong_order_are_acknowledged_when_the_gap_closes()
    {
        var device = await Plane.EnrolAsync("leaf-1");
        await Plane.MinutesAsync(device, 6, 5);
        Assert.Equal(0, (await Plane.CursorAsync(device))!.Acknowledged);

        await RestartAsync();
        await Plane.MinutesAsync(device, 1, 5);
        Assert.Equal(10, (await Plane.CursorAsync(device))!.Acknowledged);
        Assert.Equal(10, await Plane.CountAsync(device));
    }

    [Fact]
    public async Task Thinned_records_are_stepped_over_and_counted()
    {
        var device = await Plane.EnrolAsync("leaf-1");
        await Plane.MinutesAsync(device, 1, 3);
        await Plane.MinutesAsync(device, 8, 2, low: 8);

        Assert.Equal(9, (await Plane.CursorAsync(device))!.Acknowledged);
        Assert.Equal((5, 4), await StoredAndSteppedAsync(device));
        Assert.Equal(5, await Plane.CountAsync(device));
    }

    [Fact]
    public async Task A_new_epoch_begins_anew_and_is_no_duplicate()
    {
        var device = await Plane.EnrolAsync("leaf-1");
        await Plane.MinutesAsync(device, 1, 5);
        await Plane.MinutesAsync(device, 1, 3, epoch: "epoch-2");

        Assert.Equal((5, 3), (await Plane.CountAsync(device), await Plane.CountAsync(device, epoch: "epoch-2")));
        Assert.Equal(3, (await Plane.CursorAsync(device, epoch: "epoch-2"))!.Acknowledged);
    }

    [Fact]
    public async Task Power_lost_between_rows_and_cursor_costs_a_resend_and_nothing_else()
    {
        var device = await Plane.EnrolAsync("leaf-1");
        var key = new StreamKey(device, "epoch-1", RecordStream.Minute);
        await Plane.Store.AddAsync([new MinuteRecords(key, 1, 1, Some.Minutes(1, 5).Rows())], Cancel);
        await RestartAsync();
        Assert.Null(await Plane.CursorAsync(device));

        await Plane.MinutesAsync(device, 1, 5);
        Assert.Equal(5, await Plane.CountAsync(device));
        Assert.Equal((5, 0), await StoredAndSteppedAsync(device));
    }

    [Fact]
    public async Task Two_processes_with_one_stream_never_acknowledge_what_is_not_stored()
    {
        var device = await Plane.EnrolAsync("leaf-1");
        var other = await OpenAsync();
        await Plane.MinutesAsync(device, 1, 5);
        await other.MinutesAsync(device, 6, 5);
        await Plane.MinutesAsync(device, 11, 5);
        await other.MinutesAsync(device, 16, 5);

        Assert.Equal(20, (await Plane.CursorAsync(device))!.Acknowledged);
        Assert.Equal(20, await Plane.CountAsync(device));
        Assert.Equal((20, 0), await StoredAndSteppedAsync(device));
    }

    [Fact]
    public async Task Two_processes_racing_on_the_same_batches_store_each_record_once()
    {
        var device = await Plane.EnrolAsync("leaf-1");
        var other = await OpenAsync();
        await Task.WhenAll(Enumerable.Range(0, 20).SelectMany(i => new[] { Plane, other }.Select(plane => Task.Run(() => plane.Create<RecordConsumer>()
            .TakeAsync([new MinuteRecords(new StreamKey(device, "epoch-1", RecordStream.Minute), 1, (i * 5) + 1, Some.Minutes((i * 5) + 1, 5).Rows())], Cancel)))));
        // What lost a race was not acknowledged, so the device sends it again.
        for (var i = 0; i < 20; i++)
            await Plane.MinutesAsync(device, (i * 5) + 1, 5);

        Assert.Equal(100, await Plane.CountAsync(device));
        Assert.Equal(100, (await Plane.CursorAsync(device))!.Acknowledged);
        Assert.Equal((100, 0), await StoredAndSteppedAsync(device));
    }

    [Fact]
    public async Task A_record_of_a_senseless_time_is_stored_once_however_the_clock_goes_on()
    {
        var device = await Plane.EnrolAsync("leaf-1");
        var ahead = TestPlane.Start.AddDays(3);
        foreach (var at in new[] { ahead, DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue.AddDays(-9) })
        {
            await Plane.MinutesAsync(device, 1, 5, at: at);
            Plane.Time.Advance(TimeSpan.FromDays(3));
            await Plane.MinutesAsync(device, 1, 5, at: at);
            await RestartAsync();
            Plane.Time.Advance(TimeSpan.FromDays(4));
            await Plane.MinutesAsync(device, 1, 5, at: at);
            Plane.Time.Advance(TimeSpan.FromDays(1));
            await Plane.MinutesAsync(device, 6, 1, at: TestPlane.Start);

            var distinct = await Plane.CountAsync(device);
            Assert.Equal(6, distinct);
            device = await Plane.EnrolAsync("leaf-" + at.Year);
        }
    }

    [Fact]
    public async Task Old_days_are_removed_whole_and_new_ones_stay()
    {
        var device = await Plane.EnrolAsync("leaf-1");
        await Plane.MinutesAsync(device, 1, 5, at: TestPlane.Start.AddDays(-500));
        await Plane.MinutesAsync(device, 6, 5);
        await Plane.Create<RetentionWorker>().SweepAsync(Cancel);

        Assert.Equal(5, await Plane.CountAsync(device));
        Assert.Equal(10, (await Plane.CursorAsync(device))!.Acknowledged);
    }

    [Fact]
    public async Task Profiles_come_back_as_they_were_sent()
    {
        var device = await Plane.EnrolAsync("leaf-1");
        var sketch = new EdgeFleet.Shared.Statistics.SketchBuilder();
        sketch.Add(1200);
        var profile = new HourlyProfile
        {
            Slot = SlotName.Parse("leaf"), At = TestPlane.Start.ToUnixTimeMilliseconds(), Seconds = 3600, Model = "leaf@1.0.0", Variant = "cpu-int8", Answered = 7,
            QueueUs = sketch.Build(), PrepareUs = sketch.Build(), InferUs = sketch.Build(), PostUs = sketch.Build(), Outputs = [3, 4],
        };
        var batch = new ProfileBatch { Epoch = "epoch-1", Low = 1, First = 1, Records = [profile] };
        for (var i = 0; i < 2; i++)
            await Plane.PublishAsync(device, Shared.Topics.TopicKind.Telemetry, RecordStream.Profile, WireCodec.Encode(batch, WireJson.Default.ProfileBatch));

        var back = Assert.Single(await Plane.Store.ProfilesAsync(device, SlotName.Parse("leaf"), 0, Cancel));
        Assert.Equal(WireCodec.Encode(profile, WireJson.Default.HourlyProfile), WireCodec.Encode(back, WireJson.Default.HourlyProfile));
        Assert.Equal(1, (await Plane.CursorAsync(device, RecordStream.Profile))!.Acknowledged);
    }

    [Fact]
    public async Task An_event_is_handed_to_its_handlers_once_however_often_it_comes()
    {
        var handler = new CountingHandler();
        var plane = await OpenAsync(s => s.AddSingleton<IEventHandler>(handler));
        var device = await plane.EnrolAsync("leaf-1");
        await plane.EventsAsync(device, 1, 3);
        await plane.EventsAsync(device, 2, 3);
        await plane.EventsAsync(device, 1, 3);

        Assert.Equal([1, 2, 3, 4], handler.Seen);
        Assert.Equal(4, (await plane.CursorAsync(device, RecordStream.Event))!.Acknowledged);
        Assert.Equal(4, (await plane.RowsAsync<DeviceHistory>()).Count(h => h.What == "gap"));
        Assert.Equal(4, (await plane.RowsAsync<EventRow>()).Count);
    }

    [Fact]
    public async Task An_event_whose_handler_fails_is_neither_stored_nor_acknowledged_and_comes_again()
    {
        var handler = new CountingHandler { FailOn = 2 };
        var plane = await OpenAsync(s => s.AddSingleton<IEventHandler>(handler));
        var device = await plane.EnrolAsync("leaf-1");
        await plane.EventsAsync(device, 1, 3);
        Assert.Empty(await plane.RowsAsync<EventRow>());
        Assert.Null(await plane.CursorAsync(device, RecordStream.Event));

        handler.FailOn = 0;
        await plane.EventsAsync(device, 1, 3);
        Assert.Equal(3, (await plane.CursorAsync(device, RecordStream.Event))!.Acknowledged);
    }

    [Fact]
    public async Task A_device_shows_its_streams_with_nothing_lost()
    {
        var device = await Plane.EnrolAsync("leaf-1");
        await Plane.MinutesAsync(device, 1, 5);
        await Plane.MinutesAsync(device, 10, 5, low: 8);
        await Plane.MinutesAsync(device, 8, 2, low: 8);

        var detail = await Plane.Get<DeviceQueries>().FindAsync(device, Cancel);
        var stream = Assert.Single(detail!.Streams);
        Assert.Equal(("minute", 14L, 12L, 2L, 0L), (stream.Stream, stream.Acknowledged, stream.Stored, stream.Stepped, stream.Lost));
        Assert.Equal(stream.Stored, await Plane.CountAsync(device, stream.Acknowledged));
    }

    /// <summary>A device that holds numbered records, loses messages both ways, thins some, and sends again until all are acknowledged.</summary>
    [Fact]
    public async Task Any_order_duplication_and_loss_ends_with_every_record_once_and_the_right_acknowledgement()
    {
        var step = Gen.Elements(Fate.Arrives, Fate.Arrives, Fate.Twice, Fate.Late, Fate.Lost, Fate.Restart);
        var plans = Gen.Sample(step.ArrayOf(12), 12, size: 12).ToList();
        for (var run = 0; run < plans.Count; run++)
        {
            var device = await Plane.EnrolAsync($"board-{run}");
            await SendThroughAsync(device, plans[run]);
        }
    }

    private async Task SendThroughAsync(DeviceId device, Fate[] plan)
    {
        const int batch = 4;
        var (thinned, late, total) = (0L, new List<long>(), plan.Length * batch);
        for (var i = 0; i < plan.Length; i++)
        {
            var first = (i * batch) + 1;
            switch (plan[i])
            {
                case Fate.Twice:
                    await Plane.MinutesAsync(device, first, batch);
                    await Plane.MinutesAsync(device, first, batch);
                    break;
                case Fate.Arrives:
                    await Plane.MinutesAsync(device, first, batch);
                    break;
                case Fate.Late:
                    late.Add(first);
                    break;
                case Fate.Restart:
                    await RestartAsync();
                    break;
                case Fate.Lost when i == 0:
                    thinned = batch;
                    break;
                default:
                    break;
            }
        }

        foreach (var first in late.AsEnumerable().Reverse())
            await Plane.MinutesAsync(device, first, batch, low: thinned + 1);
        for (var acknowledged = (await Plane.CursorAsync(device))?.Acknowledged ?? 0; acknowledged < total; acknowledged = (await Plane.CursorAsync(device))!.Acknowledged)
            await Plane.MinutesAsync(device, Math.Max(acknowledged, thinned) + 1, (int)(total - Math.Max(acknowledged, thinned)), low: Math.Max(acknowledged, thinned) + 1);

        var cursor = (await Plane.CursorAsync(device))!;
        Assert.Equal(total, cursor.Acknowledged);
        Assert.Equal(total, cursor.Stored + cursor.Stepped);
        Assert.Equal(thinned, cursor.Stepped);
        Assert.Equal(cursor.Stored, await Plane.CountAsync(device, cursor.Acknowledged));
        Assert.Equal(cursor.Stored, await Plane.CountAsync(device));
    }

    private enum Fate
    {
        Arrives,
        Twice,
        Late,
        Lost,
        Restart,
    }

    private async Task<(long Stored, long Stepped)> StoredAndSteppedAsync(DeviceId device)
    {
        var cursor = (await Plane.CursorAsync(device))!;
        return (cursor.Stored, cursor.Stepped);
    }

    private sealed class CountingHandler : IEventHandler
    {
        public List<long> Seen { get; } = [];

        public long FailOn { get; set; }

        public bool Takes(string eventType) => eventType == EventType.Gap;

        public Task ApplyAsync(FleetContext db, DeviceId device, DeviceEvent happened, CancellationToken cancel)
        {
            if (happened.Gap!.Missing == FailOn)
                throw new InvalidOperationException("The handler has a fault.");
            Seen.Add(happened.Gap.Missing);
            return Task.CompletedTask;
        }
    }
}

public sealed class RecordIntakeOnSqliteTests() : RecordIntakeTests(null);

public sealed class RecordIntakeOnPostgresTests(PostgresFixture postgres) : RecordIntakeTests(postgres);
