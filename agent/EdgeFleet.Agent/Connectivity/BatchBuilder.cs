using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Topics;

namespace EdgeFleet.Agent.Connectivity;

/// <summary>A batch ready to send: its stream, its last number, where it goes and its bytes.</summary>
internal sealed record OutgoingBatch(string Stream, long Last, TopicKind Kind, string Detail, byte[] Bytes);

/// <summary>Makes batches of stored records, each within what a message may be. Pure.</summary>
internal static class BatchBuilder
{
    /// <summary>JSON of records that go into one batch at most: well below what a receiver unpacks.</summary>
    public const int JsonBytesMax = WireCodec.UnpackedBytesMax / 2;

    /// <summary>True when what waits is to be sent now: minute rows wait for company, everything else goes at once.</summary>
    public static bool IsDue(string stream, Backlog waiting, ConnectivityOptions options, DateTimeOffset now) => waiting.Count > 0
        && (stream != RecordStream.Minute || waiting.Count >= options.BatchRows * waiting.Slots || DueAt(waiting, options) <= now
            || waiting.OldestAt > now.ToUnixTimeMilliseconds()); // The clock was set back: waiting could last for ever.

    /// <summary>When minute rows that wait are old enough to be sent.</summary>
    public static DateTimeOffset DueAt(Backlog waiting, ConnectivityOptions options) =>
        DateTimeOffset.FromUnixTimeMilliseconds(waiting.OldestAt).AddSeconds(options.BatchSeconds);

    /// <summary>
    /// The first batch of consecutive records: as many as follow without a hole, are of one type (events travel by type) and fit.
    /// </summary>
    /// <param name="epoch">Epoch of the store.</param>
    /// <param name="stream">Stream.</param>
    /// <param name="low">Oldest number that the stream holds.</param>
    /// <param name="records">Stored records in order, at least one.</param>
    /// <returns>Null when the very first record cannot be read.</returns>
    public static OutgoingBatch? Build(string epoch, string stream, long low, IReadOnlyList<StoredRecord> records)
    {
        var first = records[0].Seq;
        var run = records.TakeWhile((r, i) => r.Seq == first + i);
        switch (stream)
        {
            case RecordStream.Minute:
                return Fit(stream, TopicKind.Telemetry, stream, first, Parse(run, WireJson.Default.MinuteRow), WireJson.Default.MinuteBatch,
                    rows => MinuteBatch.Of(epoch, low, first, rows));
            case RecordStream.Profile:
                return Fit(stream, TopicKind.Telemetry, stream, first, Parse(run, WireJson.Default.HourlyProfile), WireJson.Default.ProfileBatch,
                    rows => new ProfileBatch { Epoch = epoch, Low = low, First = first, Records = rows });
            case RecordStream.Event:
                var events = Parse(run, WireJson.Default.DeviceEvent);
                var alike = events.TakeWhile(e => e.Type == events[0].Type).ToList();
                return Fit(stream, TopicKind.Event, events.FirstOrDefault()?.Type ?? "", first, alike, WireJson.Default.EventBatch,
                    some => new EventBatch { Epoch = epoch, Low = low, First = first, Records = some });
            default:
                throw new ArgumentOutOfRangeException(nameof(stream), stream, null);
        }
    }

    // Halves until it fits. One record alone always does: larger ones are not taken into the outbox.
    private static OutgoingBatch? Fit<TRecord, TBatch>(string stream, TopicKind kind, string detail, long first,
        List<TRecord> records, JsonTypeInfo<TBatch> type, Func<IReadOnlyList<TRecord>, TBatch> batch)
    {
        for (var count = records.Count; count > 0; count = (count + 1) / 2)
        {
            var bytes = WireCodec.Encode(batch(records[..count]), type);
            if (bytes.Length <= WireCodec.UpBytesMax || count == 1)
                return new OutgoingBatch(stream, first + count - 1, kind, detail, bytes);
        }

        return null;
    }

    // As far as they can be read.
    private static List<T> Parse<T>(IEnumerable<StoredRecord> records, JsonTypeInfo<T> type)
        where T : class
    {
        var parsed = new List<T>();
        foreach (var record in records)
        {
            try
            {
                if (JsonSerializer.Deserialize(record.Payload, type) is not { } value)
                    break;
                parsed.Add(value);
            }
            catch (JsonException)
            {
                break;
            }
        }

        return parsed;
    }
}
