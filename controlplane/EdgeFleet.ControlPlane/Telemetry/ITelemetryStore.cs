using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;

namespace EdgeFleet.ControlPlane.Telemetry;

/// <summary>Minute rows and profiles by the day of their own time. A record is stored once, however often it comes.</summary>
internal interface ITelemetryStore
{
    /// <summary>Makes folders or tables.</summary>
    Task PrepareAsync(CancellationToken cancel);

    /// <summary>Stores the records of the batches that are not there yet; they are on disk when this returns. Events are none of its business.</summary>
    Task AddAsync(IReadOnlyList<RecordBatch> batches, CancellationToken cancel);

    /// <summary>Counts the records of a stream that are really there, up to a number.</summary>
    Task<long> CountAsync(StreamKey key, long upTo, CancellationToken cancel);

    /// <summary>Minute rows of a slot from a time on (Unix ms of the device), oldest first. Rows of a senseless time are left out.</summary>
    Task<IReadOnlyList<MinuteRow>> MinutesAsync(DeviceId device, SlotName slot, long from, CancellationToken cancel);

    /// <summary>Profiles of a slot from a time on, oldest first.</summary>
    Task<IReadOnlyList<HourlyProfile>> ProfilesAsync(DeviceId device, SlotName slot, long from, CancellationToken cancel);

    /// <summary>Removes whole days before a day.</summary>
    /// <returns>How many days went.</returns>
    Task<int> RemoveBeforeAsync(Day day, CancellationToken cancel);
}
