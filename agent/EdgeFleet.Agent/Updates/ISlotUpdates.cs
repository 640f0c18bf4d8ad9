using EdgeFleet.Shared.Messages;

namespace EdgeFleet.Agent.Updates;

/// <summary>What the link to the control plane sees of updates: it brings wishes in and takes reports out.</summary>
internal interface ISlotUpdates
{
    /// <summary>Version of the desired document that is held, 0 for none.</summary>
    long DesiredVersion { get; }

    /// <summary>
    /// Takes a verified document of a newer version; older and equal versions change nothing. Returns at once; the work goes on by itself. The giver keeps
    /// the document and offers it again after a restart, which goes on where the slot stood.
    /// </summary>
    void Offer(DesiredDocument document);

    /// <summary>How every slot stands.</summary>
    IReadOnlyList<ReportedSlot> Describe();

    /// <summary>Raised after every change of <see cref="Describe"/> that is worth a report; any thread.</summary>
    event Action? Changed;
}
