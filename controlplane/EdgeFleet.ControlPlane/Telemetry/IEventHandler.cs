using EdgeFleet.ControlPlane.Data;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;

namespace EdgeFleet.ControlPlane.Telemetry;

/// <summary>
/// Takes in an event of a device that was not stored before, inside the transaction that stores it: so each event is taken in exactly once,
/// however often it is sent. Changes go through the context; the caller saves and commits.
/// </summary>
internal interface IEventHandler
{
    /// <summary>True for the types of event this handler takes.</summary>
    bool Takes(string eventType);

    /// <summary>Takes one event in.</summary>
    Task ApplyAsync(FleetContext db, DeviceId device, DeviceEvent happened, CancellationToken cancel);
}
