using EdgeFleet.Agent.Health;
using EdgeFleet.Agent.Monitoring;
using EdgeFleet.Agent.Power;
using EdgeFleet.Agent.Updates;
using EdgeFleet.Shared.Messages;
using Microsoft.Extensions.Options;

namespace EdgeFleet.Agent.Connectivity;

/// <summary>Puts together what the device says of itself.</summary>
internal sealed class ReportBuilder
{
    private readonly ISlotUpdates _updates;
    private readonly HealthBoard _board;
    private readonly DesiredConsumer _desired;
    private readonly OutboxStore _outbox;
    private readonly AgentOptions _agent;

    /// <summary>Listens to everything that is worth a report.</summary>
    public ReportBuilder(ISlotUpdates updates, HealthBoard board, DesiredConsumer desired, OutboxStore outbox, IOptions<AgentOptions> agent)
    {
        (_updates, _board, _desired, _outbox, _agent) = (updates, board, desired, outbox, agent.Value);
        updates.Changed += () => Changed?.Invoke();
        board.Changed += () => Changed?.Invoke();
        desired.Changed += () => Changed?.Invoke();
    }

    /// <summary>Drift of the slots; null where nobody watches it.</summary>
    public DriftObserver? Drift
    {
        get;
        init
        {
            field = value;
            if (value is not null)
                value.Changed += () => Changed?.Invoke();
        }
    }

    /// <summary>Power and heat of the board; null where nobody looks at them.</summary>
    public PowerBoard? Power
    {
        get;
        init
        {
            field = value;
            if (value is not null)
                value.Changed += () => Changed?.Invoke();
        }
    }

    /// <summary>Raised after anything that a report says changed; any thread.</summary>
    public event Action? Changed;

    /// <summary>The introduction of a connection.</summary>
    public Hello Hello(long session, DateTimeOffset now, long commandNumber) => new()
    {
        CommandNumber = commandNumber,
        Epoch = _outbox.Epoch,
        Boot = BoardFacts.Boot,
        Session = session,
        Agent = BoardFacts.AgentVersion,
        Os = BoardFacts.Os,
        Arch = BoardFacts.Arch,
        Hardware = _agent.Hardware,
        DesiredVersion = _desired.Version,
        Clock = BoardFacts.Clock(),
        At = now.ToUnixTimeMilliseconds(),
        Waiting = RecordStream.All.ToDictionary(s => s, s => _outbox.Waiting(s, 0).Count),
        Slots = [.. _updates.Describe().Select(s => s.Slot)],
    };

    /// <summary>The whole state, under a new revision.</summary>
    public ReportedState Reported(DateTimeOffset now) => new()
    {
        Epoch = _outbox.Epoch,
        Revision = _outbox.NextRevision(),
        At = now.ToUnixTimeMilliseconds(),
        DesiredVersion = _desired.Version,
        DesiredError = _desired.Error,
        Slots = Drift is { } drift ? [.. _updates.Describe().Select(s => s with { Drift = drift.ReportOf(s.Slot) })] : _updates.Describe(),
        Warnings = _board.Warnings,
        Power = Power?.Report(),
    };
}
