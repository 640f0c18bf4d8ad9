using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Trust;

namespace EdgeFleet.ControlPlane.Broker;

/// <summary>The way down to devices. Nothing is queued for a device that is away: it is told again after its next hello.</summary>
internal interface IDownlink
{
    /// <summary>Sends the signed desired document.</summary>
    /// <returns>True when the device is connected and the document is on its way.</returns>
    Task<bool> SendDesiredAsync(DeviceId device, Envelope document, CancellationToken cancel);

    /// <summary>Sends an acknowledgement of committed records.</summary>
    /// <returns>True when the device is connected and the acknowledgement is on its way.</returns>
    Task<bool> SendAckAsync(DeviceId device, Ack ack, CancellationToken cancel);

    /// <summary>Sends a signed command.</summary>
    /// <returns>True when the device is connected and the command is on its way.</returns>
    Task<bool> SendCommandAsync(DeviceId device, string id, Envelope command, CancellationToken cancel);
}
