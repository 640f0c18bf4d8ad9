namespace EdgeFleet.Shared.Messages;

/// <summary>What every batch of durable records says. The key of a record is <c>(device, epoch, stream, seq)</c>.</summary>
public interface IRecordBatch
{
    /// <summary>Major version of the message.</summary>
    int V { get; }

    /// <summary>Epoch of the store that the sequence numbers belong to.</summary>
    string Epoch { get; }

    /// <summary>Oldest sequence number of the stream still held; thinned records below it are stepped over, not waited for.</summary>
    long Low { get; }

    /// <summary>Sequence number of the first record; the others follow without a gap. Numbers begin at 1.</summary>
    long First { get; }

    /// <summary>Records in the batch.</summary>
    int Count { get; }
}

/// <summary>The streams of durable records.</summary>
public static class RecordStream
{
    /// <summary>Minute rows, on <c>up/tele/minute</c> as <see cref="MinuteBatch"/>.</summary>
    public const string Minute = "minute";

    /// <summary>Hourly profiles, on <c>up/tele/profile</c> as <see cref="ProfileBatch"/>.</summary>
    public const string Profile = "profile";

    /// <summary>Events, on <c>up/event/{type}</c> as <see cref="EventBatch"/>.</summary>
    public const string Event = "event";

    /// <summary>All streams, those to be sent first at the front.</summary>
    public static readonly IReadOnlyList<string> All = [Event, Minute, Profile];
}
