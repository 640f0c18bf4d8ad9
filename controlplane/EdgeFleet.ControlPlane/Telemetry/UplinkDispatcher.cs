using EdgeFleet.ControlPlane.Broker;
using EdgeFleet.ControlPlane.Devices;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Topics;

namespace EdgeFleet.ControlPlane.Telemetry;

/// <summary>Reads what devices publish and hands it to the lane of its kind. What is not readable, or is of nobody who is enrolled, ends here.</summary>
internal sealed partial class UplinkDispatcher(UplinkLanes lanes, KnownDevices known, DeadLetters deadLetters, TimeProvider time, ILogger<UplinkDispatcher> log) : IUplink
{
    private const long NumberMax = 1L << 53;

    public async ValueTask ReceiveAsync(DeviceId device, TopicAddress topic, ReadOnlyMemory<byte> payload, CancellationToken cancel)
    {
        try
        {
            if (await known.FindAsync(device, cancel) is { } sender)
                await TakeAsync(sender, topic, payload, cancel);
            else
                Log.SenderNotEnrolled(log, device, topic.Kind);
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            // The database is away. What is not acknowledged comes again, and the connection need not suffer for it.
            Log.MessageNotTaken(log, topic.Kind, device, e);
        }
    }

    private async ValueTask TakeAsync(KnownDevice sender, TopicAddress topic, ReadOnlyMemory<byte> payload, CancellationToken cancel)
    {
        // A last will is the broker's word, not the device's.
        if (topic.Kind != TopicKind.Presence)
            sender.LastHeard = time.GetUtcNow().ToUnixTimeMilliseconds();

        try
        {
            await DispatchAsync(sender, topic, payload, cancel);
        }
        catch (WireException e)
        {
            await deadLetters.PutAsync(sender.Id, topic, e.Message, payload, cancel);
        }
    }

    private ValueTask DispatchAsync(KnownDevice sender, TopicAddress topic, ReadOnlyMemory<byte> payload, CancellationToken cancel) => topic.Kind switch
    {
        TopicKind.Telemetry or TopicKind.Event => lanes.Records.Writer.WriteAsync(ReadRecords(sender, topic, payload.Span), cancel),
        TopicKind.Blob => lanes.Blobs.Writer.WriteAsync(ReadBlob(sender.Id, topic, payload), cancel),
        TopicKind.Hello => lanes.Devices.Writer.WriteAsync(ReadHello(sender, payload.Span), cancel),
        TopicKind.Presence => lanes.Devices.Writer.WriteAsync(ReadPresence(sender.Id, payload.Span), cancel),
        TopicKind.Reported => lanes.Devices.Writer.WriteAsync(ReadReported(sender.Id, payload.Span), cancel),
        TopicKind.CommandResult => lanes.Devices.Writer.WriteAsync(ReadResult(sender.Id, topic, payload.Span), cancel),
        _ => throw new WireException($"Nothing was asked of the device that {topic.Kind} would answer."),
    };

    private static RecordBatch ReadRecords(KnownDevice sender, TopicAddress topic, ReadOnlySpan<byte> payload)
    {
        var batch = RecordReader.Read(sender.Id, topic, payload);
        return sender.Accepts(batch.Key.Epoch)
            ? batch
            : throw new WireException($"Its epoch '{batch.Key.Epoch}' was not named in a hello, and {KnownDevice.UnnamedEpochsMax} such epochs were taken already.");
    }

    private static BlobMessage ReadBlob(DeviceId device, TopicAddress topic, ReadOnlyMemory<byte> payload)
    {
        if (!Sha256Digest.TryParse(topic.Detail, out var digest))
            throw new WireException("The topic of a blob must end in its SHA-256.");
        if (payload.Length > WireCodec.BlobBytesMax)
            throw new WireException($"The blob has {payload.Length} bytes; at most {WireCodec.BlobBytesMax} are taken.");
        var actual = Sha256Digest.Of(payload.Span);
        return actual == digest ? new BlobMessage(device, digest, payload.ToArray()) : throw new WireException($"The blob's SHA-256 is {actual}; its topic says otherwise.");
    }

    private static DeviceMessage.HelloSaid ReadHello(KnownDevice sender, ReadOnlySpan<byte> payload)
    {
        var hello = WireCodec.Decode(payload, WireJson.Default.Hello, WireCodec.UpBytesMax);
        WireCodec.Expect(hello, hello.V);
        if (!RecordReader.IsEpoch(hello.Epoch))
            throw new WireException("Its epoch is not 4 to 64 letters, digits or dashes.");
        if (hello.DesiredVersion is < 0 or > NumberMax || hello.Session is < 0 or > NumberMax || hello.CommandNumber is < 0 or > NumberMax)
            throw new WireException($"Its numbers make no sense: session {hello.Session}, desired version {hello.DesiredVersion}, command {hello.CommandNumber}.");
        sender.Epoch = hello.Epoch;
        return new DeviceMessage.HelloSaid(sender.Id, hello);
    }

    private static DeviceMessage.PresenceSaid ReadPresence(DeviceId device, ReadOnlySpan<byte> payload)
    {
        var presence = WireCodec.Decode(payload, WireJson.Default.Presence, WireCodec.UpBytesMax);
        WireCodec.Expect(presence, presence.V);
        return presence.State is "ready" or "sleeping" or "off" or "lost"
            ? new DeviceMessage.PresenceSaid(device, presence)
            : throw new WireException($"There is no presence '{presence.State}': ready, sleeping, off or lost.");
    }

    private static DeviceMessage.CommandAnswered ReadResult(DeviceId device, TopicAddress topic, ReadOnlySpan<byte> payload)
    {
        var result = WireCodec.Decode(payload, WireJson.Default.CommandResult, WireCodec.UpBytesMax);
        WireCodec.Expect(result, result.V);
        return result.Number is >= 0 and <= NumberMax && result.Held is >= 0 and <= NumberMax
            ? new DeviceMessage.CommandAnswered(device, topic.Detail!, result)
            : throw new WireException($"Its numbers make no sense: command {result.Number}, held {result.Held}.");
    }

    private static DeviceMessage.StateReported ReadReported(DeviceId device, ReadOnlySpan<byte> payload)
    {
        var reported = WireCodec.Decode(payload, WireJson.Default.ReportedState, WireCodec.UpBytesMax);
        WireCodec.Expect(reported, reported.V);
        if (reported.Slots.Any(s => s is null) || reported.Warnings.Any(w => w is null))
            throw new WireException("A slot or warning is null.");
        if (reported.Slots.DistinctBy(s => s.Slot).Count() != reported.Slots.Count)
            throw new WireException("A slot is named twice.");
        return reported.DesiredVersion is >= 0 and <= NumberMax
            ? new DeviceMessage.StateReported(device, reported)
            : throw new WireException($"Its desired version {reported.DesiredVersion} makes no sense.");
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Refused a {Kind} message of {Device}, which is not enrolled or is shut out")]
        public static partial void SenderNotEnrolled(ILogger logger, DeviceId device, TopicKind kind);

        [LoggerMessage(2, LogLevel.Error, "A {Kind} message of {Device} was not taken; it comes again")]
        public static partial void MessageNotTaken(ILogger logger, TopicKind kind, DeviceId device, Exception error);
    }
}
