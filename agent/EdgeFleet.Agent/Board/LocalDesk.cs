using EdgeFleet.Agent.Connectivity;
using EdgeFleet.Agent.Enrolment;
using EdgeFleet.Agent.Health;
using EdgeFleet.Agent.Power;
using EdgeFleet.Agent.Updates;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;

namespace EdgeFleet.Agent.Board;

/// <summary>What the agent's parts know of themselves.</summary>
internal sealed record LocalKnowledge(ISlotUpdates Updates, HealthBoard Board, OutboxStore Outbox, LinkStatus Link, IdentityStore Identities)
{
    /// <summary>Power and heat of the board; null where nobody looks at them.</summary>
    public PowerBoard? Power { get; init; }
}

/// <summary>Answers what commands of this program ask.</summary>
internal sealed class LocalDesk(LocalKnowledge known, SnapshotObserver snapshots, string stateFolder, TimeProvider time)
{
    private static readonly TimeSpan SampleWait = TimeSpan.FromSeconds(20);
    private readonly long _startedAt = time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Answers.</summary>
    public async Task<LocalAnswer> AnswerAsync(LocalRequest request, CancellationToken cancel) => request.Ask switch
    {
        "status" => new LocalAnswer { Status = Status() },
        "snapshot" => await SnapshotAsync(request.Slot ?? "", cancel),
        _ => Refused($"This agent cannot answer '{request.Ask}'.", "Use the commands of the same version as the agent that runs."),
    };

    private AgentStatus Status() => new()
    {
        Agent = BoardFacts.AgentVersion,
        Pid = Environment.ProcessId,
        StartedAt = _startedAt,
        At = time.GetUtcNow().ToUnixTimeMilliseconds(),
        Device = DeviceOf(known.Identities),
        Link = known.Link.Now,
        Waiting = RecordStream.All.ToDictionary(s => s, s => (long)known.Outbox.Waiting(s, 0).Count),
        Disk = DiskRoom.Of(stateFolder),
        DesiredVersion = known.Updates.DesiredVersion,
        Slots = known.Updates.Describe(),
        Warnings = known.Board.Warnings,
        Power = known.Power is { } power ? PowerReport.Of(power.Now) : null,
    };

    private async Task<LocalAnswer> SnapshotAsync(string slot, CancellationToken cancel)
    {
        var slots = known.Updates.Describe();
        if (!SlotName.TryParse(slot, out var name) || slots.FirstOrDefault(s => s.Slot == name) is not { } found)
            return Refused($"This board has no slot '{slot}'; it has {string.Join(", ", slots.Select(s => s.Slot))}.", "Name one of them: edgefleet-agent snapshot SLOT");
        if (found.Active is null)
            return Refused($"Slot {slot} has no model, so its source is not read.", "Start a rollout that puts a package into this slot.");

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(SampleWait);
        try
        {
            return new LocalAnswer { Snapshot = await snapshots.NextAsync(name, limit.Token) };
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            var why = known.Board.Warnings.FirstOrDefault(w => w.Slot == name);
            return Refused($"Slot {slot} answered no sample in {SampleWait.TotalSeconds:0} s.{(why is null ? "" : $" {why.Text}")}",
                why?.Remedy ?? "Ask again: its rate may be low. See edgefleet-agent status.");
        }
    }

    private static string? DeviceOf(IdentityStore identities)
    {
        if (identities.Load() is not IdentityFound.Enrolled enrolled)
            return null;

        using var identity = enrolled.Identity;
        return identity.Assigned.Device.Value;
    }

    private static LocalAnswer Refused(string text, string remedy) => new() { Refused = new LocalRefusal(text, remedy) };
}
