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

    /// <summary>Minutes of a slot of many devices in one question, by device, oldest first, from a time on and before another (Unix ms of the device). Devices without any are left out.</summary>
    Task<IReadOnlyDictionary<DeviceId, IReadOnlyList<FleetMinute>>> FleetMinutesAsync(IReadOnlyCollection<DeviceId> devices, SlotName slot, long from, long to, CancellationToken cancel);

    /// <summary>Profiles of a slot of many devices, likewise.</summary>
    Task<IReadOnlyDictionary<DeviceId, IReadOnlyList<HourlyProfile>>> FleetProfilesAsync(IReadOnlyCollection<DeviceId> devices, SlotName slot, long from, long to, CancellationToken cancel);

    /// <summary>Removes whole days before a day.</summary>
    /// <returns>How many days went.</returns>
    Task<int> RemoveBeforeAsync(Day day, CancellationToken cancel);
}

/// <summary>What is compared across a fleet of one minute row.</summary>
/// <param name="At">Begin of the window, Unix ms of the device.</param>
/// <param name="Seconds">Its length.</param>
/// <param name="Model">Model that answered, as <c>name@version</c>; empty if none did.</param>
/// <param name="Answered">Samples answered.</param>
/// <param name="Failed">Samples that failed.</param>
/// <param name="P95Us">95th percentile of a run, microseconds.</param>
/// <param name="Confidence">Mean confidence in thousandths.</param>
/// <param name="EnergyUj">Energy per inference in microjoule, gross.</param>
internal readonly record struct FleetMinute(long At, int Seconds, string Model, long Answered, long Failed, long P95Us, int? Confidence, long? EnergyUj);
