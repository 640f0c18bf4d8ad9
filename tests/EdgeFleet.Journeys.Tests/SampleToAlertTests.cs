using EdgeFleet.Shared.Models;
using EdgeFleet.Testing.Packages;
using EdgeFleet.Testing.Processes;

namespace EdgeFleet.Journeys.Tests;

public sealed class SampleToAlertTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_finding_becomes_an_alert_with_a_photo_that_staff_acknowledge()
    {
        await using var fleet = await JourneyFleet.StartAsync();
        await fleet.RunsEverywhereAsync(TestPackage.Build(TestPackageSpec.Colours() with
        {
            Alerts = [new AlertRule { Id = "red-seen", Label = "red", Severity = "critical", Seen = 3, Of = 5, ClearAfter = 20 }],
        }));

        var alert = await Eventually.GetAsync(
            async () => (await fleet.Api.AlertsAsync(0, Cancel)).Alerts.SingleOrDefault(a => a is { Rule: "red-seen", Photo: not null }), "an alert", JourneyFleet.Patience, Cancel);
        Assert.Equal(("critical", "open", true, "red", "alanib"), (alert.Severity, alert.State, alert.Raised, alert.Label, alert.Site));
        var photo = await fleet.Api.BlobAsync(alert.Photo!, Cancel);
        Assert.Equal([0xFF, 0xD8, 0xFF], photo[..3]);
        Assert.InRange(photo.Length, 100, 30 * 1024);

        var acknowledged = await fleet.Api.ActOnAlertAsync(alert.Id, new("key-1", "acknowledge"), Cancel);
        var again = await fleet.Api.ActOnAlertAsync(alert.Id, new("key-1", "acknowledge"), Cancel);
        Assert.Equal("acknowledged", acknowledged.State);
        Assert.Single(again.Actions);

        var rows = await Eventually.GetAsync(
            async () => (await fleet.Api.TelemetryAsync(fleet.Boards[0].DeviceId, JourneyFleet.Slot, 1, Cancel)) is { Rows.Count: > 2 } t ? t.Rows : null,
            "minute rows", JourneyFleet.Patience, Cancel);
        Assert.Contains(rows, r => r is { Answered: > 0, P50Us: > 0, EnergyUj: null });
        await fleet.NothingIsLostAsync(fleet.Boards[0]);
    }
}
