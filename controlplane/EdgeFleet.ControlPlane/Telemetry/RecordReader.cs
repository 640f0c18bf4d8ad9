using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Topics;

namespace EdgeFleet.ControlPlane.Telemetry;

/// <summary>Reads a batch off the wire and checks all that a store or a handler relies on, so that one device's nonsense never fails the commit of others.</summary>
internal static class RecordReader
{
    private const long SeqMax = 1L << 53;
    private const int TextMax = 200;

    /// <summary>Reads the batch of a telemetry or event topic.</summary>
    /// <exception cref="WireException">It is not a batch that can be taken; the text says why.</exception>
    public static RecordBatch Read(DeviceId device, TopicAddress topic, ReadOnlySpan<byte> payload) => (topic.Kind, topic.Detail) switch
    {
        (TopicKind.Telemetry, RecordStream.Minute) => Minutes(device, MinuteBatch.Read(payload)),
        (TopicKind.Telemetry, RecordStream.Profile) => Profiles(device, WireCodec.Decode(payload, WireJson.Default.ProfileBatch, WireCodec.UpBytesMax)),
        (TopicKind.Event, _) => Events(device, WireCodec.Decode(payload, WireJson.Default.EventBatch, WireCodec.UpBytesMax)),
        _ => throw new WireException($"There is no stream '{topic.Detail}'. Update this side if the agent is newer."),
    };

    /// <summary>True for a text that may be an epoch: 4 to 64 letters, digits or dashes.</summary>
    public static bool IsEpoch(string epoch) => epoch.Length is >= 4 and <= 64 && epoch.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');

    private static MinuteRecords Minutes(DeviceId device, MinuteBatch batch)
    {
        var key = Check(device, batch, RecordStream.Minute);
        var rows = batch.Rows();
        foreach (var row in rows)
            CheckText(row.Model, "model");
        return new MinuteRecords(key, batch.Low, batch.First, rows);
    }

    private static ProfileRecords Profiles(DeviceId device, ProfileBatch batch)
    {
        var key = Check(device, batch, RecordStream.Profile);
        foreach (var row in batch.Records)
            CheckText(row?.Model, "model");
        return new ProfileRecords(key, batch.Low, batch.First, batch.Records);
    }

    private static EventRecords Events(DeviceId device, EventBatch batch)
    {
        var key = Check(device, batch, RecordStream.Event);
        foreach (var happened in batch.Records)
        {
            CheckText(happened?.Type, "type");
            var missing = happened!.Type switch
            {
                EventType.Alert => happened.Alert is null,
                EventType.Update => happened.Update is null,
                EventType.Gap => happened.Gap is null,
                EventType.Drift => happened.Drift is null,
                EventType.Disagreement => happened.Disagreement is null,
                _ => false,
            };
            if (missing)
                throw new WireException($"An event of type '{happened.Type}' has no part '{happened.Type}'.");
        }

        return new EventRecords(key, batch.Low, batch.First, batch.Records);
    }

    private static StreamKey Check<T>(DeviceId device, T batch, string stream)
        where T : IRecordBatch
    {
        WireCodec.Expect(batch, batch.V);
        if (!IsEpoch(batch.Epoch))
            throw new WireException("Its epoch is not 4 to 64 letters, digits or dashes.");
        if (batch.First < 1 || batch.Low < 1 || batch.Low > batch.First || batch.First > SeqMax - batch.Count)
            throw new WireException($"Its numbers make no sense: low {batch.Low}, first {batch.First}, {batch.Count} records; 1 <= low <= first must hold.");
        return new StreamKey(device, batch.Epoch, stream);
    }

    private static void CheckText(string? text, string what)
    {
        if (text is null || text.Length > TextMax)
            throw new WireException($"A record has no '{what}', or one longer than {TextMax} characters.");
    }
}
