using System.Text;
using System.Text.Json;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Topics;
using EdgeFleet.Shared.Trust;

namespace EdgeFleet.Testing.Wire;

/// <summary>Reads what an earlier tag wrote as this version's two sides do. What cannot be read is an exception.</summary>
/// <param name="keys">Keys that may have signed.</param>
public sealed class WireReader(IReadOnlyCollection<PublicKey> keys)
{
    /// <summary>A ticket, as it is carried to a board.</summary>
    public const string Ticket = "ticket";

    /// <summary>What an enrolment answered, as the board keeps it.</summary>
    public const string Enrolment = "enrolment";

    /// <summary><c>manifest.json</c>, <c>golden/golden.json</c> and <c>reference.json</c> of a package.</summary>
    public const string ManifestFile = "manifest", GoldenFile = "golden", ReferenceFile = "reference";

    /// <summary>A slot's record on a board.</summary>
    public const string SlotFile = "slot";

    /// <summary>Kinds that every tag has written.</summary>
    public static IReadOnlyList<string> KindsOfAll { get; } =
    [
        "state", "up/hello", "up/reported", "up/tele/minute", "up/tele/profile", "up/event/update", "up/event/alert", "up/blob", "down/desired", "down/ack",
        Ticket, Enrolment, ManifestFile, GoldenFile, ReferenceFile, SlotFile,
    ];

    /// <summary>A reader that trusts the keys which the enrolment among the records names.</summary>
    public static WireReader For(IReadOnlyList<WireRecord> records) =>
        new([.. records.Where(r => r.Name == Enrolment).SelectMany(r => Parse(r, WireJson.Default.EnrolmentResponse).Keys)]);

    /// <summary>Kind of a record: its topic below the device, without ids.</summary>
    public static string KindOf(WireRecord record)
    {
        if (!Topic.TryParse(record.Name, out var topic))
            return record.Name;
        var below = record.Name.Split('/')[4..];
        return string.Join('/', topic.Kind is TopicKind.Blob or TopicKind.Command or TopicKind.CommandResult ? below[..^1] : below);
    }

    /// <summary>Reads a record.</summary>
    /// <returns>What it holds, in a word or two.</returns>
    public string Read(WireRecord record)
    {
        if (Topic.TryParse(record.Name, out var topic))
            return ReadMessage(topic, record.Bytes);

        return record.Name switch
        {
            Ticket => (EnrolmentTicket.TryParse(Encoding.ASCII.GetString(record.Bytes)) ?? throw new FormatException("It is no ticket.")).Url.Host,
            Enrolment => Parse(record, WireJson.Default.EnrolmentResponse).Device.Value,
            ManifestFile => ManifestReader.Read(record.Bytes).Name,
            GoldenFile => $"{Parse(record, WireJson.Default.GoldenSet).Items.Count} items",
            ReferenceFile => $"{Parse(record, WireJson.Default.Reference).Inputs.Count} features",
            SlotFile => $"{record.Bytes.Length} bytes", // Its reader is the agent's.
            _ => throw new FormatException($"Nobody reads '{record.Name}'."),
        };
    }

    private string ReadMessage(TopicAddress topic, byte[] bytes) => topic.Kind switch
    {
        TopicKind.Hello => Up(bytes, WireJson.Default.Hello).Agent,
        TopicKind.Reported => $"{Up(bytes, WireJson.Default.ReportedState).Slots.Count} slots",
        TopicKind.Telemetry when topic.Detail == RecordStream.Minute => $"{MinuteBatch.Read(bytes).Rows().Count} rows",
        TopicKind.Telemetry => $"{Whole(Up(bytes, WireJson.Default.ProfileBatch)).Count} profiles",
        TopicKind.Event => $"{Up(bytes, WireJson.Default.EventBatch).Count} events",
        TopicKind.Blob => Sha256Digest.Of(bytes).Value == topic.Detail ? $"{bytes.Length} bytes" : throw new FormatException("Its digest is another."),
        TopicKind.CommandResult => Up(bytes, WireJson.Default.CommandResult).State,
        TopicKind.Presence => Up(bytes, WireJson.Default.Presence).State,
        TopicKind.Desired => $"version {Opened(bytes, DesiredDocument.PayloadType, WireJson.Default.DesiredDocument).Version}",
        TopicKind.Command => Opened(bytes, DeviceCommand.PayloadType, WireJson.Default.DeviceCommand).Kind,
        TopicKind.Ack => $"{WireCodec.Decode(bytes, WireJson.Default.Ack, WireCodec.DownBytesMax).Streams.Count} streams",
        _ => throw new FormatException($"Nobody reads {topic.Kind}."),
    };

    // What was counted must be in the bins, or they were misread.
    private static ProfileBatch Whole(ProfileBatch batch) => batch.Records.All(r => r.InferUs.Count == r.Answered && r.Inputs.All(f => f.Counts.Sum() == f.Moments.Count))
        ? batch
        : throw new FormatException("A profile's bins do not hold what it answered.");

    private static T Up<T>(byte[] bytes, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class => WireCodec.Decode(bytes, type, WireCodec.UpBytesMax);

    private static T Parse<T>(WireRecord record, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class => JsonSerializer.Deserialize(record.Bytes, type) ?? throw new FormatException("It is 'null'.");

    private T Opened<T>(byte[] bytes, string payloadType, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class
    {
        var envelope = WireCodec.Decode(bytes, WireJson.Default.Envelope, WireCodec.DownBytesMax);
        var payload = envelope.Open(payloadType, keys, out var error) ?? throw new FormatException(error);
        return JsonSerializer.Deserialize(payload, type) ?? throw new FormatException("Its payload is 'null'.");
    }
}
