using EdgeFleet.Agent.Monitoring;
using EdgeFleet.Shared.Messages;

namespace EdgeFleet.Agent.Tests.Monitoring;

/// <summary>Keeps every record in memory.</summary>
internal sealed class CollectingSink : IRecordSink, IMinuteObserver
{
    private readonly object _gate = new();

    public List<MinuteRow> Rows { get; } = [];

    public List<MinuteRow> Observed { get; } = [];

    public List<HourlyProfile> Profiles { get; } = [];

    public List<(DeviceEvent Event, byte[] Photo)> Events { get; } = [];

    public void Add(MinuteRow row)
    {
        lock (_gate)
            Rows.Add(row);
    }

    public void Add(HourlyProfile profile)
    {
        lock (_gate)
            Profiles.Add(profile);
    }

    public void Add(DeviceEvent happened, ReadOnlyMemory<byte> photo = default)
    {
        lock (_gate)
            Events.Add((happened, photo.ToArray()));
    }

    public void Observe(MinuteRow row)
    {
        lock (_gate)
            Observed.Add(row);
    }
}
