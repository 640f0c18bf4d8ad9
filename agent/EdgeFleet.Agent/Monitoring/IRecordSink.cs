using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.Agent.Monitoring;

/// <summary>Where durable records go: the outbox. Never blocks inference for long and never throws: what cannot be kept is counted and reported.</summary>
internal interface IRecordSink
{
    /// <summary>Keeps a minute row.</summary>
    void Add(MinuteRow row);

    /// <summary>Keeps a profile.</summary>
    void Add(HourlyProfile profile);

    /// <summary>Keeps an event, with its photo (JPEG) if it has one; <see cref="AlertChange.Photo"/> or <see cref="Disagreement.Photo"/> must be the photo's digest.</summary>
    void Add(DeviceEvent happened, ReadOnlyMemory<byte> photo = default);
}

/// <summary>Sees every closed minute row and profile: probation and drift judge by them.</summary>
internal interface IMinuteObserver
{
    /// <summary>Takes a row in. Must be quick and must not throw.</summary>
    void Observe(MinuteRow row);

    /// <summary>Adds to a closed profile what it knows, before it is kept.</summary>
    HourlyProfile Finish(HourlyProfile profile, Reference reference) => profile;
}
