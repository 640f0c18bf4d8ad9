using EdgeFleet.ControlPlane.Enrolment;
using EdgeFleet.Shared.Identity;
using Microsoft.Extensions.Options;
using MQTTnet.Formatter;
using MQTTnet.Server;

namespace EdgeFleet.ControlPlane.Broker;

/// <summary>Lets a device in or not: the rules of <see cref="BrokerPolicy"/>, then the database, then whether there are two of it.</summary>
internal sealed class BrokerDoor(DeviceAdmission admission, DeviceStanding standing, DeviceConnections connections, DeviceQuotas quotas, IOptions<BrokerOptions> options)
{
    /// <summary>Null when the device may come in; the broker then knows which certificate it uses.</summary>
    public async Task<Refusal?> JudgeAsync(ValidatingConnectionEventArgs connect, DeviceId? certified)
    {
        if (connect.ProtocolVersion < MqttProtocolVersion.V311)
            return new Refusal(RefusalKind.BadValue, "MQTT 5 or 3.1.1 is spoken here.");
        if (BrokerPolicy.Connect(certified, connect.ClientId, connect.UserName, connect.KeepAlivePeriod ?? 0, options.Value.KeepAliveSecondsMax) is { } refusal)
            return refusal;

        var (device, cancel) = (certified!.Value, connect.CancellationToken);
        if (!quotas.MayConnect(device))
            return new Refusal(RefusalKind.OverQuota, $"{device} connects too often; more than {options.Value.ConnectsPerMinute} times a minute is not taken for long.");
        if (await admission.RefusalAsync(device, connect.ClientCertificate, mayBeOver: false, cancel) is { } reason)
            return new Refusal(RefusalKind.NotAllowed, reason);

        // Two boards with one identity would throw each other out for ever: the one that stands stays, the other is told why.
        if (connections.Find(device) is not null && await standing.IsClonedAsync(device, cancel))
        {
            return new Refusal(RefusalKind.NotAllowed,
                $"Another board is connected as {device}: two boards hold one identity, for example by a copied disk. Enrol this one as a board of its own: a new ticket, then edgefleet-agent enrol TICKET --force.");
        }

        await standing.UsesAsync(device, connect.ClientCertificate, cancel);
        connections.Expect(device, new DeviceBounds(
            TimeSpan.FromSeconds(Math.Min(connect.WillDelayInterval, (uint)options.Value.WillDelaySecondsMax)),
            connect.MaximumPacketSize == 0 ? long.MaxValue : connect.MaximumPacketSize,
            connect.SessionExpiryInterval > 0));
        return null;
    }

    /// <summary>Null when a message of the device is within its rate.</summary>
    public Refusal? JudgeRate(DeviceId device, long bytes) => quotas.MayPublish(device, bytes)
        ? null
        : new Refusal(RefusalKind.OverQuota, $"{device} sends more than {options.Value.PublishesPerSecond} messages or {options.Value.PublishKbPerSecond} kB a second.");

    /// <inheritdoc cref="DeviceQuotas.PaceAsync"/>
    public ValueTask<bool> PaceAsync(DeviceId device, CancellationToken cancel) => quotas.PaceAsync(device, cancel);
}
