using EdgeFleet.Shared.Identity;

namespace EdgeFleet.Agent.Power;

/// <summary>Gives each closed window of a slot its energy.</summary>
internal interface IEnergyMeter
{
    /// <summary>Ends the slot's window and begins the next one. To be called for windows without a row too, or the next one would hold their energy.</summary>
    /// <param name="slot">Slot.</param>
    /// <param name="inferences">Inferences in the window.</param>
    /// <returns>Null when the energy is not known; never a guess.</returns>
    EnergyWindow? Cut(SlotName slot, long inferences);
}

/// <summary>A board whose power nobody measures.</summary>
internal sealed class NoEnergyMeter : IEnergyMeter
{
    /// <summary>The one there is.</summary>
    public static readonly NoEnergyMeter Instance = new();

    /// <inheritdoc/>
    public EnergyWindow? Cut(SlotName slot, long inferences) => null;
}
