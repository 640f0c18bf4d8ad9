using System.Collections.Concurrent;
using EdgeFleet.Agent.Monitoring;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;

namespace EdgeFleet.Agent.Updates;

/// <summary>The minute feeds of all slots. Depends on nothing, so that monitoring and updates do not depend on each other.</summary>
internal sealed class MinuteFeeds : IMinuteObserver
{
    private readonly ConcurrentDictionary<SlotName, MinuteFeed> _feeds = new();

    /// <summary>The feed of a slot.</summary>
    public MinuteFeed Of(SlotName slot) => _feeds.GetOrAdd(slot, _ => new MinuteFeed());

    /// <inheritdoc/>
    public void Observe(MinuteRow row) => Of(row.Slot).Add(row);
}
