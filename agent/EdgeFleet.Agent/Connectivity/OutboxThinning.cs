using System.Text.Json;
using EdgeFleet.Shared.Messages;

namespace EdgeFleet.Agent.Connectivity;

/// <summary>Takes the oldest out of the outbox, as <see cref="OutboxPolicy"/> says, and tells what is gone. Inside a transaction of the caller.</summary>
internal static class OutboxThinning
{
    /// <summary>Makes room for records.</summary>
    public static List<Loss> MakeRoom(OutboxDatabase db, IReadOnlyCollection<NewRecord> records, long bytesMax)
    {
        var incoming = records.GroupBy(r => r.Stream).ToDictionary(g => g.Key, g => g.Sum(r => (long)r.Payload.Length));
        incoming[OutboxPolicy.Photos] = records.Sum(r => (long)(r.Photo?.Content.Length ?? 0));
        var losses = new List<Loss>();
        foreach (var (stream, bytes) in OutboxPolicy.Plan(db.Held, incoming, bytesMax))
        {
            var cut = db.CutFor(stream, bytes);
            losses.AddRange(stream == OutboxPolicy.Photos
                ? db.DeleteBlobs(cut, "The outbox was full: the oldest photos were dropped.")
                : db.Delete(stream, cut, $"The outbox was full: the oldest records of stream '{stream}' were dropped."));
            if (stream == RecordStream.Event)
                db.DeleteBlobs(cut, "");
        }

        return losses;
    }

    /// <summary>Drops what waited longer than the options say.</summary>
    public static List<Loss> Age(OutboxDatabase db, long now, ConnectivityOptions options)
    {
        (string Stream, int Days)[] limits =
        [
            (RecordStream.Event, options.EventDaysMax), (RecordStream.Minute, options.MinuteDaysMax), (RecordStream.Profile, options.ProfileDaysMax),
        ];
        var losses = new List<Loss>();
        foreach (var (stream, days) in limits)
        {
            var through = db.AgedThrough(stream, now - (long)TimeSpan.FromDays(days).TotalMilliseconds);
            if (through > 0)
                losses.AddRange(db.Delete(stream, through, $"Records of stream '{stream}' waited longer than {days} days."));
        }

        return losses;
    }

    /// <summary>The event that says what is gone.</summary>
    public static NewRecord GapOf(Loss loss, long now) => new(RecordStream.Event, loss.Slot, JsonSerializer.SerializeToUtf8Bytes(new DeviceEvent
    {
        Type = EventType.Gap,
        At = now,
        Slot = loss.Slot,
        Gap = new Gap { From = loss.From, To = loss.To, Missing = loss.Count, Reason = loss.Reason },
    }, WireJson.Default.DeviceEvent));
}
