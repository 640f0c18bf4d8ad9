using EdgeFleet.Shared.Identity;

namespace EdgeFleet.Agent.Health;

/// <summary>The warnings about slots, with their texts in one place.</summary>
internal static class SlotWarnings
{
    /// <summary>The source gives nothing.</summary>
    public const string SourceStalled = "source-stalled";

    /// <summary>The slot has nothing to run.</summary>
    public const string NoModel = "no-model";

    /// <summary>Sample after sample fails.</summary>
    public const string SamplesFailing = "samples-failing";

    /// <summary>Part of what the source holds cannot be used.</summary>
    public const string SourceDamaged = "source-damaged";

    /// <summary>Says that the source gives nothing, and why.</summary>
    public static void RaiseSourceStalled(this HealthBoard board, SlotName slot, string text, string remedy) => board.Raise(SourceStalled, slot, text, remedy);

    /// <summary>Says that parts of the source are skipped.</summary>
    public static void RaiseSourceDamaged(this HealthBoard board, SlotName slot, string text) =>
        board.Raise(SourceDamaged, slot, text, "Look at the sensor or the program that writes the file; what can be read is still used.");

    /// <summary>Says that the slot has no model.</summary>
    public static void RaiseNoModel(this HealthBoard board, SlotName slot) =>
        board.Raise(NoModel, slot, $"Slot {slot} has no model; its source is not read.", "Start a rollout that puts a package into this slot, or look at why the last update was refused.");

    /// <summary>Says that the last samples all failed.</summary>
    public static void RaiseSamplesFailing(this HealthBoard board, SlotName slot, int inARow, string lastError, bool isInputFault) =>
        board.Raise(
            SamplesFailing,
            slot,
            $"The last {inARow} samples of slot {slot} failed: {lastError}",
            isInputFault ? "Look at the camera or sensor and at the files that it writes." : "Look at the model: roll it back if this began with an update.");
}
