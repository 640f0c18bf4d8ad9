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
    public static OutgoingBatch Build(string epoch, string stream, long low, IReadOnlyList<StoredRecord> records)
    {
        var run = records.TakeWhile((r, i) => r.Seq == records[0].Seq + i).ToList();
        return stream switch
        {
            RecordStream.Minute => Fit(stream, TopicKind.Telemetry, stream, run, WireJson.Default.MinuteRow, WireJson.Default.MinuteBatch,
                (first, rows) => MinuteBatch.Of(epoch, low, first, rows)),
            RecordStream.Profile => Fit(stream, TopicKind.Telemetry, stream, run, WireJson.Default.HourlyProfile, WireJson.Default.ProfileBatch,
                (first, rows) => new ProfileBatch { Epoch = epoch, Low = low, First = first, Records = rows }),
            RecordStream.Event => BuildEvents(epoch, low, run),
            _ => throw new ArgumentOutOfRangeException(nameof(stream), stream, null),
        };
    }

    private static OutgoingBatch BuildEvents(string epoch, long low, List<StoredRecord> run)
    {
        var type = Parse(run[0], WireJson.Default.DeviceEvent).Type;
        var alike = run.TakeWhile(r => Parse(r, WireJson.Default.DeviceEvent).Type == type).ToList();
        return Fit(RecordStream.Event, TopicKind.Event, type, alike, WireJson.Default.DeviceEvent, WireJson.Default.EventBatch,
            (first, events) => new EventBatch { Epoch = epoch, Low = low, First = first, Records = events });
    }

    // Halves until it fits. One record alone always does: larger ones are not taken into the outbox.
    private static OutgoingBatch Fit<TRecord, TBatch>(string stream, TopicKind kind, string detail, List<StoredRecord> run,
        JsonTypeInfo<TRecord> recordType, JsonTypeInfo<TBatch> batchType, Func<long, IReadOnlyList<TRecord>, TBatch> batch)
    {
        for (var count = run.Count; ; count = (count + 1) / 2)
        {
            var records = run.Take(count).Select(r => Parse(r, recordType)).ToList();
            var bytes = WireCodec.Encode(batch(run[0].Seq, records), batchType);
            if (bytes.Length <= WireCodec.UpBytesMax || count == 1)
                return new OutgoingBatch(stream, run[count - 1].Seq, kind, detail, bytes);
        }
    }

    private static T Parse<T>(StoredRecord record, JsonTypeInfo<T> type) => JsonSerializer.Deserialize(record.Payload, type)
        ?? throw new JsonException($"Record {record.Seq} is 'null'.");
}
