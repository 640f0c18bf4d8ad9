using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Topics;

namespace EdgeFleet.ControlPlane.Broker;

/// <summary>
/// Who may do what at the broker: a device has one name, the common name of its certificate, speaks on its own topics and hears its own.
/// No I/O; the answer is a refusal or null.
/// </summary>
internal static class BrokerPolicy
{
    /// <summary>Judges a CONNECT.</summary>
    /// <param name="certified">Whom the certificate names; null if no device.</param>
    /// <param name="clientId">Client id that is claimed.</param>
    /// <param name="user">User name that is claimed; none is fine.</param>
    /// <param name="keepAliveSeconds">Keep-alive that is asked for; 0 asks for none.</param>
    /// <param name="keepAliveSecondsMax">Longest that is given.</param>
    public static Refusal? Connect(DeviceId? certified, string? clientId, string? user, int keepAliveSeconds, int keepAliveSecondsMax)
    {
        if (certified is not { } device)
            return new Refusal(RefusalKind.NotAllowed, "The certificate's common name is not a device id.");
        if (clientId != device.Value)
            return new Refusal(RefusalKind.NotAllowed, $"The client id must be {device}, as the certificate says.");
        if (!string.IsNullOrEmpty(user) && user != device.Value)
            return new Refusal(RefusalKind.NotAllowed, $"The user name must be {device}, as the certificate says, or left out.");
        return keepAliveSeconds < 1 || keepAliveSeconds > keepAliveSecondsMax
            ? new Refusal(RefusalKind.BadValue, $"The keep-alive must be 1 to {keepAliveSecondsMax} seconds.")
            : null;
    }

    /// <summary>Judges a PUBLISH, or the last will when it is said.</summary>
    /// <param name="device">Whose connection it is.</param>
    /// <param name="topic">Topic.</param>
    /// <param name="bytes">Length of the payload.</param>
    /// <param name="isRetained">Whether it is to be retained.</param>
    /// <param name="isWill">Whether it is the last will.</param>
    /// <param name="address">The topic taken apart, when it is not refused.</param>
    public static Refusal? Publish(DeviceId device, string? topic, long bytes, bool isRetained, bool isWill, out TopicAddress address)
    {
        if (!Topic.TryParse(topic, out address))
            return new Refusal(RefusalKind.BadTopic, "There is no such topic.");
        if (address.Device != device || !Topic.IsUp(address.Kind))
            return new Refusal(RefusalKind.NotAllowed, $"{device} may publish on its own topics only.");
        if (isWill && address.Kind != TopicKind.Presence)
            return new Refusal(RefusalKind.NotAllowed, "The last will may only be the device's presence.");
        if (isRetained && address.Kind != TopicKind.Presence)
            return new Refusal(RefusalKind.BadValue, "Only presence may be retained.");

        var bytesMax = address.Kind == TopicKind.Blob ? WireCodec.BlobBytesMax : WireCodec.UpBytesMax;
        return bytes > bytesMax ? new Refusal(RefusalKind.TooLarge, $"The message has {bytes} bytes; at most {bytesMax} are taken here.") : null;
    }

    /// <summary>Judges a topic filter of a SUBSCRIBE.</summary>
    public static Refusal? Subscribe(DeviceId device, string? filter) => filter == Topic.AllDown(device)
        ? null
        : new Refusal(RefusalKind.NotAllowed, $"{device} may subscribe to {Topic.AllDown(device)} and nothing else.");
}

/// <summary>What kind of refusal it is; decides the reason code.</summary>
internal enum RefusalKind
{
    /// <summary>Not this device's to do.</summary>
    NotAllowed,

    /// <summary>A topic that does not exist.</summary>
    BadTopic,

    /// <summary>Larger than is taken.</summary>
    TooLarge,

    /// <summary>A value out of its bounds.</summary>
    BadValue,

    /// <summary>More than is given in that time; later it would be taken.</summary>
    OverQuota,
}

/// <summary>A refusal and the sentence that goes back with it, and into the log.</summary>
internal sealed record Refusal(RefusalKind Kind, string Reason);
