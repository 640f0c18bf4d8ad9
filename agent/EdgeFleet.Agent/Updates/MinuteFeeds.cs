using System.Collections.Concurrent;
using System.Security.Cryptography;
using EdgeFleet.Agent.Inference;
using EdgeFleet.Agent.Monitoring;
using EdgeFleet.Agent.Updates.Evidence;
using EdgeFleet.Agent.Updates.Rehearsal;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;

namespace EdgeFleet.Agent.Updates;

/// <summary>The minute feeds of all slots. Depends on nothing of monitoring, so that monitoring and updates do not depend on each other.</summary>
internal sealed class MinuteFeeds : IMinuteObserver
{
    private static readonly long ThisProcess = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long)));

    private readonly ConcurrentDictionary<SlotName, MinuteFeed> _feeds = new();

    /// <summary>What is counted besides the rows; null leaves minutes with their rows alone.</summary>
    public WindowTally? Tally { get; init; }

    /// <summary>Anonymous memory of the process in kB; 0 where it is not known.</summary>
    public Func<long> AnonKb { get; init; } = () => 0;

    /// <summary>The feed of a slot.</summary>
    public MinuteFeed Of(SlotName slot) => _feeds.GetOrAdd(slot, _ => new MinuteFeed());

    /// <summary>Anonymous memory of this process, by the kernel.</summary>
    public static long OwnAnonKb()
    {
        try
        {
            return RehearsalLimits.AnonymousBytes() / 1024;
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or FormatException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    /// <inheritdoc/>
    public void Observe(MinuteRow row)
    {
        var minute = new SlotMinute(row) { AnonKb = AnonKb(), OpenModels = LoadedModel.Open, Process = ThisProcess };
        Of(row.Slot).Add(Tally is { } tally ? tally.AddTo(minute) : minute);
    }
}
