using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;

namespace EdgeFleet.Agent.Power;

/// <summary>Power and heat of the board now, for whoever asks. Says so when enough has changed for a report. Any thread.</summary>
internal sealed class PowerBoard(TimeProvider time)
{
    private readonly Lock _gate = new();
    private PowerNow _now = new();
    private ReportedPower? _reported;
    private long _reportedAt;

    /// <summary>Raised after a change that is worth a report.</summary>
    public event Action? Changed;

    /// <summary>As it was read last.</summary>
    public PowerNow Now => Volatile.Read(ref _now);

    /// <summary>Takes a change in.</summary>
    public void Change(Func<PowerNow, PowerNow> change)
    {
        bool isWorthIt;
        lock (_gate)
        {
            Volatile.Write(ref _now, change(_now));
            isWorthIt = PowerReport.IsWorthSending(_reported, PowerReport.Of(_now), time.GetElapsedTime(_reportedAt));
        }

        if (isWorthIt)
            Changed?.Invoke();
    }

    /// <summary>Takes the energy of a slot's window in, or why there is none.</summary>
    public void Note(SlotName slot, EnergyWindow? window, string? why)
    {
        lock (_gate)
            Volatile.Write(ref _now, _now with { Energy = new Dictionary<SlotName, SlotEnergy>(_now.Energy) { [slot] = new(window, why) } });
    }

    /// <summary>What the state report says of it; from now on that is known to the other side.</summary>
    public ReportedPower Report()
    {
        lock (_gate)
        {
            (_reported, _reportedAt) = (PowerReport.Of(_now), time.GetTimestamp());
            return _reported;
        }
    }
}
