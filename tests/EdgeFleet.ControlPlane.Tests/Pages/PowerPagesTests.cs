using System.Net;
using System.Net.Http.Json;
using EdgeFleet.ControlPlane.Access;
using EdgeFleet.ControlPlane.Devices;
using EdgeFleet.ControlPlane.Telemetry;
using EdgeFleet.ControlPlane.Tests.Access;
using EdgeFleet.ControlPlane.Tests.Alerts;
using EdgeFleet.ControlPlane.Tests.Hosting;
using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeFleet.ControlPlane.Tests.Pages;

/// <summary>Power and heat of a device over the real HTTP edge: as people and as programs see them.</summary>
public sealed class PowerPagesTests(PlaneFixture fixture) : IClassFixture<PlaneFixture>
{
    private static readonly SlotName Leaf = SlotName.Parse("leaf");

    private RunningControlPlane Plane => fixture.Plane;

    [Fact]
    public async Task A_device_with_a_sensor_shows_energy_with_sensor_and_uncertainty_heat_throttling_mode_and_battery()
    {
        var power = new ReportedPower
        {
            Sensor = "ina3221 VDD_IN",
            Method = ReportedPower.Integrated,
            Hz = 10,
            Module = "Jetson Orin NX or Nano (p3767-0005)",
            Mode = "15W",
            Celsius = 83,
            Hottest = "tj-thermal",
            Throttled = ["over-current"],
            BatteryPercent = 18,
            BatteryStatus = "Discharging",
            RateFactor = 0.5,
            UpdatesWait = "The board is too hot; the update goes on by itself when that is over.",
        };
        var device = await DeviceAsync(power, held: power.UpdatesWait, new MinuteRow
        {
            Slot = Leaf, At = Now(), Seconds = 60, Model = "leaf@1.0.0", Answered = 120, P95Us = 2000, EnergyUj = 1_340_000, EnergyNetUj = 421_000, EnergySigmaUj = 50_000,
        });

        var (page, detail, telemetry) = await ReadAsync(device);
        Assert.Contains("Energy per inference of leaf: 1.34 J gross, 421 mJ net of idle (± 50.0 mJ), by ina3221 VDD_IN. Newest minute: 120 inferences in 60 s,", page, StringComparison.Ordinal);
        Assert.All(
            ["ina3221 VDD_IN, 10 readings a second", "15W", "83 °C at tj-thermal", "Now: over-current", "18 %, discharging", "Read at 0.5 times their rate", "Downloading, waits", "Wait: The board is too hot"],
            words => Assert.Contains(words, page, StringComparison.Ordinal));
        Assert.DoesNotContain("Unavailable", page, StringComparison.Ordinal);
        Assert.Equal((EnergySummary.Measured, 1_340_000), (detail.Energy[0].State, detail.Energy[0].Newest!.EnergyUj));
        Assert.Equal((83, "15W", 18), (detail.Power!.Celsius, detail.Power.Mode, detail.Power.BatteryPercent));
        Assert.Equal((421_000, 50_000), (telemetry.Rows[0].EnergyNetUj, telemetry.Rows[0].EnergySigmaUj));
    }

    [Fact]
    public async Task A_device_without_a_sensor_says_unavailable_and_why_on_the_page_in_the_API_and_in_its_rows()
    {
        var device = await DeviceAsync(
            new ReportedPower { Unavailable = "This device has no power sensor.", Mode = "powersave" },
            held: null,
            new MinuteRow { Slot = Leaf, At = Now(), Seconds = 60, Model = "leaf@1.0.0", Answered = 120, P95Us = 2000 });

        var (page, detail, telemetry) = await ReadAsync(device);
        Assert.Contains("Energy per inference of leaf: Unavailable: this device has no power sensor.", page, StringComparison.Ordinal);
        Assert.Contains("Unavailable: no thermometer of the board could be read.", page, StringComparison.Ordinal);
        Assert.Contains("Unavailable: nothing on this board tells of it.", page, StringComparison.Ordinal);
        Assert.Contains("<td data-label=\"Energy\">unavailable</td>", page, StringComparison.Ordinal);
        Assert.DoesNotContain(" J gross", page, StringComparison.Ordinal);
        Assert.Equal((EnergySummary.Unavailable, "This device has no power sensor."), (detail.Energy[0].State, detail.Energy[0].Why));
        Assert.Equal((EnergySummary.Unavailable, "This device has no power sensor."), (telemetry.Energy.State, telemetry.Energy.Why));
        Assert.Null(Assert.Single(telemetry.Rows).EnergyUj);
    }

    [Fact]
    public async Task An_estimate_is_called_one()
    {
        var device = await DeviceAsync(
            new ReportedPower { Sensor = "pmic sum of rails, linear model", Method = ReportedPower.Modelled, Hz = 1 },
            held: null,
            new MinuteRow { Slot = Leaf, At = Now(), Seconds = 60, Model = "leaf@1.0.0", Answered = 10, P95Us = 2000, EnergyUj = 9_120, EnergySigmaUj = 800, EnergyShare = 255 });

        var (page, _, _) = await ReadAsync(device);
        Assert.Contains("9.12 mJ gross (± 800 µJ), net of idle not known yet, by pmic sum of rails, linear model, an estimate by a model.", page, StringComparison.Ordinal);
        Assert.Contains("An estimate: 25.5 % of the board's energy was put down to this slot by its busy time.", page, StringComparison.Ordinal);
    }

    private static long Now() => TimeProvider.System.GetUtcNow().AddMinutes(-2).ToUnixTimeMilliseconds();

    private async Task<(string Page, DeviceDetail Detail, SlotTelemetry Telemetry)> ReadAsync(DeviceId device)
    {
        using var browser = await Plane.SignedInBrowserAsync(Policies.Viewer);
        using var program = await Plane.ProgramAsync(Policies.Viewer);
        var page = WebUtility.HtmlDecode(await browser.GetStringAsync($"devices/{device}"));
        return (
            page,
            (await program.GetFromJsonAsync($"api/devices/{device}", ApiJson.Default.DeviceDetail))!,
            (await program.GetFromJsonAsync($"api/devices/{device}/telemetry?slot=leaf", ApiJson.Default.SlotTelemetry))!);
    }

    private async Task<DeviceId> DeviceAsync(ReportedPower power, string? held, params MinuteRow[] rows)
    {
        var device = (await AlertScene.OfNewDeviceAsync(Plane)).Device;
        await Plane.Services.GetRequiredService<DeviceIntake>().TakeAsync(
            new DeviceMessage.StateReported(device, new ReportedState
            {
                Epoch = "epoch-1",
                Revision = 1,
                At = 1,
                Slots = [new ReportedSlot { Slot = Leaf, State = held is null ? "Committed" : "Downloading", Held = held }],
                Power = power,
            }),
            default);
        await Plane.Services.GetRequiredService<ITelemetryStore>().AddAsync([new MinuteRecords(new StreamKey(device, "epoch-1", RecordStream.Minute), 1, 1, rows)], default);
        return device;
    }
}
