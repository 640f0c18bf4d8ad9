using EdgeFleet.ControlPlane.Broker;
using EdgeFleet.ControlPlane.Devices;
using EdgeFleet.ControlPlane.Telemetry;
using EdgeFleet.ControlPlane.Tests.Data;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Topics;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace EdgeFleet.ControlPlane.Tests.Telemetry;

public sealed class UplinkTests() : PlaneTests((PostgresFixture?)null)
{
    [Fact]
    public async Task A_full_lane_makes_the_broker_wait_until_the_consumer_took_something()
    {
        var plane = await OpenAsync(null, ("Telemetry:QueueLength", "2"));
        var device = await plane.EnrolAsync("leaf-1");
        var waiting = Enumerable.Range(0, 3).Select(i => PublishAsync(plane, device, i + 1)).ToList();
        await Task.WhenAll(waiting[0], waiting[1]);
        Assert.False(waiting[2].IsCompleted);

        await plane.PumpAsync();
        await waiting[2].WaitAsync(TimeSpan.FromSeconds(30), Cancel);
        await plane.PumpAsync();
        Assert.Equal(3, (await plane.CursorAsync(device))!.Acknowledged);
    }

    [Fact]
    public async Task The_consumers_store_and_answer_by_themselves()
    {
        var device = await Plane.EnrolAsync("leaf-1");
        var workers = Plane.Get<IEnumerable<IHostedService>>().Where(w => w is not ControlPlane.Data.DatabaseWorker).ToList();
        foreach (var worker in workers)
            await worker.StartAsync(Cancel);

        await Plane.Get<IUplink>().ReceiveAsync(device, new TopicAddress(device, TopicKind.Hello), Some.Hello(), Cancel);
        await PublishAsync(Plane, device, 1);
        // The workers' clock runs fifty times as fast as ours until both have done their part: they work side by side, in no order.
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        using var clock = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        while (!Plane.Downlink.HasAcknowledged(RecordStream.Minute, 1) || (await Plane.RowsAsync<Device>()).Single().Presence.Length == 0)
        {
            Plane.Time.Advance(TimeSpan.FromMilliseconds(50));
            await clock.WaitForNextTickAsync(patience.Token);
        }

        foreach (var worker in workers)
            await worker.StopAsync(Cancel);
        Assert.Equal(1, await Plane.CountAsync(device));
        Assert.Equal("ready", Assert.Single(await Plane.RowsAsync<Device>()).Presence);
    }

    private static Task PublishAsync(TestPlane plane, DeviceId device, long seq) => plane.Get<IUplink>().ReceiveAsync(
        device, new TopicAddress(device, TopicKind.Telemetry, RecordStream.Minute), WireCodec.Encode(Some.Minutes(seq, 1), WireJson.Default.MinuteBatch), Cancel).AsTask();
}

public sealed class DatabaseAwayTests(PostgresFixture postgres) : PlaneTests(postgres)
{
    [Fact]
    public async Task A_database_that_goes_away_costs_a_resend_and_nothing_else()
    {
        var device = await Plane.EnrolAsync("leaf-1");
        await Plane.MinutesAsync(device, 1, 5);
        await SetAwayAsync(true);

        await Plane.MinutesAsync(device, 6, 5);
        await Plane.EventsAsync(device, 1, 1);
        await Plane.PublishAsync(device, TopicKind.Blob, Sha256Digest.Of([1]).Value, [1]);
        await Plane.PublishAsync(device, TopicKind.Log, null, [1]);
        await Plane.Get<IUplink>().ReceiveAsync(DeviceId.Parse("not-asked-yet"), new TopicAddress(device, TopicKind.Log), new byte[] { 1 }, Cancel);
        await Plane.SendAcksAsync();
        Assert.Equal(5, Plane.Downlink.Acks[^1].Ack.Streams[RecordStream.Minute]);

        await SetAwayAsync(false);
        await Plane.MinutesAsync(device, 6, 5);
        await Plane.EventsAsync(device, 1, 1);
        await Plane.SendAcksAsync();
        Assert.Equal(10, Plane.Downlink.Acks[^1].Ack.Streams[RecordStream.Minute]);
        Assert.Equal(10, await Plane.CountAsync(device));
        Assert.Single(await Plane.RowsAsync<EventRow>());
    }

    private async Task SetAwayAsync(bool away)
    {
        var target = new NpgsqlConnectionStringBuilder(Plane.Get<NpgsqlDataSource>().ConnectionString);
        var name = target.Database;
        target.Database = "postgres";
        await using var admin = NpgsqlDataSource.Create(target);
        await using var allow = admin.CreateCommand($"ALTER DATABASE {name} ALLOW_CONNECTIONS {!away}");
        await allow.ExecuteNonQueryAsync(Cancel);
        await using var end = admin.CreateCommand($"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");
        await end.ExecuteNonQueryAsync(Cancel);
    }
}
