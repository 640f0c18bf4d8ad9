using EdgeFleet.ControlPlane.Devices;
using EdgeFleet.ControlPlane.Tests.Data;
using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Topics;

namespace EdgeFleet.ControlPlane.Tests.Devices;

public abstract class DeviceIntakeTests(PostgresFixture? postgres) : PlaneTests(postgres)
{
    [Fact]
    public async Task A_hello_is_answered_with_what_is_committed_and_with_the_document_if_it_is_newer()
    {
        var device = await Plane.EnrolAsync("leaf-1");
        await Plane.Get<IDesiredStore>().WishAsync([(device, Some.Wish("1.0.0"))], Cancel);
        await Plane.MinutesAsync(device, 1, 5);
        await RestartAsync();

        await Plane.HelloAsync(device);
        await Plane.SendAcksAsync();
        Assert.Equal(5, Assert.Single(Plane.Downlink.Acks).Ack.Streams[RecordStream.Minute]);
        Assert.Single(Plane.Downlink.Desired);

        await Plane.HelloAsync(device, session: 2, desired: 1);
        Assert.Single(Plane.Downlink.Desired);
    }

    [Fact]
    public async Task The_first_hello_of_a_device_is_answered_and_makes_its_slots_known()
    {
        var device = await Plane.EnrolAsync("leaf-1");
        await Plane.HelloAsync(device);
        await Plane.SendAcksAsync();

        Assert.Empty(Assert.Single(Plane.Downlink.Acks).Ack.Streams);
        Assert.Empty(Plane.Downlink.Desired);
        var summary = Assert.Single(await Plane.Get<DeviceQueries>().ListAsync("slot=leaf", Cancel));
        Assert.Equal(("ready", "generic", "unknown"), (summary.State, summary.Hardware, Assert.Single(summary.Slots).UpdateState));
    }

    [Fact]
    public async Task A_new_epoch_is_told_in_the_history_and_its_answer_has_no_old_numbers()
    {
        var device = await Plane.EnrolAsync("leaf-1");
        await Plane.HelloAsync(device, session: 9);
        await Plane.MinutesAsync(device, 1, 5);
        await Plane.HelloAsync(device, epoch: "epoch-2");
        await Plane.SendAcksAsync();

        var (_, ack) = Plane.Downlink.Acks[^1];
        Assert.Equal(("epoch-2", 0), (ack.Epoch, ack.Streams.Count));
        Assert.Contains(await Plane.RowsAsync<DeviceHistory>(), h => h.What == "epoch");
    }

    [Fact]
    public async Task A_late_hello_or_will_of_an_old_session_changes_nothing()
    {
        var device = await Plane.EnrolAsync("leaf-1");
        await Plane.HelloAsync(device, session: 5);
        await Plane.HelloAsync(device, session: 4, desired: 99);
        await PresenceAsync(device, "lost", 4);
        Assert.Equal(("ready", 5L, 0L), await FactsAsync());

        await PresenceAsync(device, "lost", 5);
        Assert.Equal(("lost", 5L, 0L), await FactsAsync());
        Assert.Equal("late", Assert.Single(await Plane.Get<DeviceQueries>().ListAsync("all", Cancel)).State);
    }

    [Fact]
    public async Task The_newest_report_wins_whatever_the_order()
    {
        var device = await Plane.EnrolAsync("leaf-1");
        await Plane.HelloAsync(device);
        await ReportAsync(device, 2, "Probation", "2.0.0");
        await ReportAsync(device, 1, "Downloading", "1.0.0");
        await ReportAsync(device, 2, "Downloading", "1.0.0");

        var detail = await Plane.Get<DeviceQueries>().FindAsync(device, Cancel);
        var slot = Assert.Single(detail!.Device.Slots);
        Assert.Equal(("Probation", "leaf@2.0.0", "updating", 2L), (slot.UpdateState, slot.Active, detail.Device.State, detail.ReportedDesiredVersion));
        Assert.Equal("disk-full", Assert.Single(detail.Warnings).Code);
    }

    [Fact]
    public async Task Reports_of_a_new_epoch_begin_anew_and_those_of_the_old_one_count_no_more()
    {
        var device = await Plane.EnrolAsync("leaf-1");
        await Plane.HelloAsync(device);
        await ReportAsync(device, 40, "Committed", "2.0.0");
        await Plane.HelloAsync(device, "epoch-2");
        await ReportAsync(device, 1, "Idle", "1.0.0", "epoch-2");
        await ReportAsync(device, 41, "Committed", "2.0.0");

        Assert.Equal("leaf@1.0.0", Assert.Single(await Plane.RowsAsync<DeviceSlot>()).Active);
    }

    [Fact]
    public async Task A_slot_that_is_reported_no_more_goes()
    {
        var device = await Plane.EnrolAsync("leaf-1");
        await Plane.HelloAsync(device);
        await ReportAsync(device, 1, "Idle", "1.0.0", slot: "pump-3");

        Assert.Equal("pump-3", Assert.Single(await Plane.RowsAsync<DeviceSlot>()).Slot.Value);
    }

    [Fact]
    public async Task When_a_device_was_last_heard_is_written_down()
    {
        var device = await Plane.EnrolAsync("leaf-1");
        Plane.Time.Advance(TimeSpan.FromMinutes(3));
        await Plane.MinutesAsync(device, 1, 1);
        await Plane.Create<HeardWorker>().WriteAsync(Cancel);

        Assert.Equal(TestPlane.Start.AddMinutes(3), Assert.Single(await Plane.Get<DeviceQueries>().ListAsync(null, Cancel)).LastHeard);
    }

    [Fact]
    public async Task Devices_are_listed_by_selector_with_what_is_wanted_of_them()
    {
        var device = await Plane.EnrolAsync("leaf-1", d => (d.Site, d.Tags) = ("luzon", ["lab"]));
        await Plane.EnrolAsync("leaf-2", d => d.Site = "cebu");
        await Plane.HelloAsync(device);
        await Plane.Get<IDesiredStore>().WishAsync([(device, Some.Wish("1.0.0"))], Cancel);

        var queries = Plane.Get<DeviceQueries>();
        Assert.Equal(["leaf-1", "leaf-2"], (await queries.ListAsync("all", Cancel)).Select(d => d.Id));
        var summary = Assert.Single(await queries.ListAsync("site=luzon and tag=lab", Cancel));
        Assert.Equal("leaf@1.0.0", Assert.Single(summary.Slots).Desired);
        await Assert.ThrowsAsync<FormatException>(() => queries.ListAsync("place=luzon", Cancel));
    }

    [Fact]
    public async Task Telemetry_of_the_last_hours_is_given_oldest_first_and_of_nobody_as_none()
    {
        var device = await Plane.EnrolAsync("leaf-1");
        await Plane.MinutesAsync(device, 1, 3, at: TestPlane.Start.AddHours(-30));
        await Plane.MinutesAsync(device, 4, 3, at: TestPlane.Start.AddHours(-1));

        var queries = Plane.Get<DeviceQueries>();
        Assert.Equal([4L, 5L, 6L], (await queries.TelemetryAsync(device, SlotName.Parse("leaf"), 2, Cancel))!.Rows.Select(r => r.Answered));
        Assert.Equal(6, (await queries.TelemetryAsync(device, SlotName.Parse("leaf"), 48, Cancel))!.Rows.Count);
        Assert.Null(await queries.TelemetryAsync(DeviceId.Parse("nobody"), SlotName.Parse("leaf"), 48, Cancel));
    }

    [Fact]
    public async Task Energy_is_given_with_its_net_value_uncertainty_and_share_and_what_the_device_says_of_its_sensor()
    {
        var device = await Plane.EnrolAsync("leaf-1");
        await Plane.HelloAsync(device);
        var power = new ReportedPower { Sensor = "ina3221 VDD_IN", Method = ReportedPower.Integrated, Hz = 10, Mode = "15W", Celsius = 51, Hottest = "tj-thermal", Throttled = ["under-voltage"] };
        await ReportAsync(device, 1, "Downloading", "1.0.0", power: power, held: "The board is too hot.");
        var queries = Plane.Get<DeviceQueries>();
        Assert.Equal(EnergySummary.TooFew, Assert.Single((await queries.FindAsync(device, Cancel))!.Energy).State);

        var row = Some.Minute(1, TestPlane.Start.AddMinutes(-5)) with { EnergyUj = 1_340_000, EnergyNetUj = -2_000, EnergySigmaUj = 50_000, EnergyShare = 600 };
        await Plane.PublishAsync(device, TopicKind.Telemetry, RecordStream.Minute, WireCodec.Encode(MinuteBatch.Of("epoch-1", 1, 1, [row, Some.Minute(2, TestPlane.Start.AddMinutes(-5))]), WireJson.Default.MinuteBatch));
        await RestartAsync();
        queries = Plane.Get<DeviceQueries>();
        var detail = (await queries.FindAsync(device, Cancel))!;
        Assert.Equal((EnergySummary.Measured, row), (detail.Energy[0].State, detail.Energy[0].Newest));
        Assert.Equal(("15W", 51, "under-voltage"), (detail.Power!.Mode, detail.Power.Celsius, Assert.Single(detail.Power.Throttled!)));
        Assert.Equal("The board is too hot.", Assert.Single(detail.Device.Slots).Held);
        Assert.Equal(row, (await queries.TelemetryAsync(device, SlotName.Parse("leaf"), 2, Cancel))!.Rows[0]);
    }

    [Fact]
    public async Task Without_a_sensor_energy_is_unavailable_and_the_reason_is_the_devices()
    {
        var device = await Plane.EnrolAsync("leaf-1");
        await Plane.HelloAsync(device);
        var queries = Plane.Get<DeviceQueries>();
        Assert.Contains("has not said", Assert.Single((await queries.FindAsync(device, Cancel))!.Energy).Why, StringComparison.Ordinal);

        await ReportAsync(device, 1, "Idle", "1.0.0", power: new ReportedPower { Unavailable = "This device has no power sensor." });
        await Plane.MinutesAsync(device, 1, 3, at: TestPlane.Start.AddMinutes(-10));
        var energy = (await queries.TelemetryAsync(device, SlotName.Parse("leaf"), 2, Cancel))!.Energy;
        Assert.Equal((EnergySummary.Unavailable, "This device has no power sensor.", null), (energy.State, energy.Why, energy.Newest));
    }

    private async Task<(string Presence, long Session, long Held)> FactsAsync()
    {
        var device = Assert.Single(await Plane.RowsAsync<Device>());
        return (device.Presence, device.Session, device.HeldDesiredVersion);
    }

    private Task PresenceAsync(DeviceId device, string state, long session) => Plane.PublishAsync(
        device, TopicKind.Presence, null, WireCodec.Encode(new Presence { State = state, Session = session }, WireJson.Default.Presence));

    private Task ReportAsync(
        DeviceId device, long revision, string state, string version, string epoch = "epoch-1", string slot = "leaf", ReportedPower? power = null, string? held = null) => Plane.PublishAsync(
        device,
        TopicKind.Reported,
        null,
        WireCodec.Encode(
            new ReportedState
            {
                Epoch = epoch,
                Revision = revision,
                At = 1,
                DesiredVersion = 2,
                Slots = [new ReportedSlot { Slot = SlotName.Parse(slot), State = state, Since = long.MaxValue, Active = Some.Package(version), Held = held }],
                Power = power,
                Warnings = [new HealthWarning { Code = "disk-full", Text = "The disk is full.", Remedy = "Free some space." }],
            },
            WireJson.Default.ReportedState));
}

public sealed class DeviceIntakeOnSqliteTests() : DeviceIntakeTests(null);

public sealed class DeviceIntakeOnPostgresTests(PostgresFixture postgres) : DeviceIntakeTests(postgres);
