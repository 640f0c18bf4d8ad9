using EdgeFleet.ControlPlane.Alerts;
using EdgeFleet.ControlPlane.Data;
using EdgeFleet.ControlPlane.Devices;
using EdgeFleet.ControlPlane.Telemetry;
using EdgeFleet.ControlPlane.Tests.Hosting;
using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeFleet.ControlPlane.Tests.Alerts;

/// <summary>A device of a running control plane that raises and clears alerts, through the real intake.</summary>
internal sealed class AlertScene
{
    private static int _devices;
    private readonly RunningControlPlane _plane;
    private long _seq;

    private AlertScene(RunningControlPlane plane, DeviceId device) => (_plane, Device) = (plane, device);

    public DeviceId Device { get; }

    public AlertQueries Queries => _plane.Services.GetRequiredService<AlertQueries>();

    public AlertCommands Commands => _plane.Services.GetRequiredService<AlertCommands>();

    public static async Task<AlertScene> OfNewDeviceAsync(RunningControlPlane plane)
    {
        var device = DeviceId.Parse($"leaf-{Interlocked.Increment(ref _devices):0000}");
        await using var db = await plane.Services.GetRequiredService<IDbContextFactory<FleetContext>>().CreateDbContextAsync();
        db.Add(new Device { Id = device, Site = "alanib", Hardware = "generic", Enrolled = 1 });
        await db.SaveChangesAsync();
        return new AlertScene(plane, device);
    }

    public static DeviceEvent Event(bool raised, long at = 1000, string rule = "rust", string severity = "warning", Sha256Digest? photo = null, string label = "rust_level_2") => new()
    {
        Type = EventType.Alert,
        At = at,
        Slot = SlotName.Parse("leaf"),
        Alert = new AlertChange
        {
            Rule = rule, Label = label, Severity = severity, Raised = raised, Seen = 4, Of = 5, Confidence = 0.91, Model = "coffee-leaf@2.0.0", Photo = photo,
        },
    };

    /// <summary>Sends events as one batch; the sequence goes on by itself.</summary>
    public async Task SendAsync(params DeviceEvent[] events)
    {
        await SendAgainAsync(_seq + 1, events);
        _seq += events.Length;
    }

    /// <summary>Sends events as a batch from a sequence number on, which may have been sent before.</summary>
    public Task SendAgainAsync(long first, params DeviceEvent[] events) =>
        _plane.Services.GetRequiredService<RecordIntake>().TakeEventsAsync(new EventRecords(new StreamKey(Device, "epoch-1", RecordStream.Event), 1, first, events), default);

    public Task<IReadOnlyList<AlertSummary>> AlertsAsync() => Queries.OfDeviceAsync(Device, default);

    public async Task<AlertSummary> OneAlertAsync(string label = "rust_level_2")
    {
        await SendAsync(Event(raised: true, label: label));
        return Assert.Single(await AlertsAsync());
    }

    public Task<AlertActed> ActAsync(long id, string kind, string who = "ana", string? key = null, string? value = null, string? label = null) =>
        Commands.ActAsync(id, new AlertActionRequest(key ?? Guid.NewGuid().ToString("n"), kind, value, label), who, default);
}
