using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;

namespace EdgeFleet.ControlPlane.Telemetry;

/// <summary>Consecutive records of a stream that were read and found whole. Nothing in it can make a store fail.</summary>
internal abstract record RecordBatch(StreamKey Key, long Low, long First)
{
    /// <summary>How many records.</summary>
    public abstract int Count { get; }
}

/// <summary>Minute rows.</summary>
internal sealed record MinuteRecords(StreamKey Key, long Low, long First, IReadOnlyList<MinuteRow> Rows) : RecordBatch(Key, Low, First)
{
    public override int Count => Rows.Count;
}

/// <summary>Profiles.</summary>
internal sealed record ProfileRecords(StreamKey Key, long Low, long First, IReadOnlyList<HourlyProfile> Rows) : RecordBatch(Key, Low, First)
{
    public override int Count => Rows.Count;
}

/// <summary>Events.</summary>
internal sealed record EventRecords(StreamKey Key, long Low, long First, IReadOnlyList<DeviceEvent> Rows) : RecordBatch(Key, Low, First)
{
    public override int Count => Rows.Count;
}
