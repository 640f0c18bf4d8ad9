using EdgeFleet.Agent.Inference;
using EdgeFleet.Shared.Identity;
using Microsoft.Extensions.Logging;

namespace EdgeFleet.Agent.Health;

/// <summary>Raises a warning when sample after sample of a slot fails, and clears it with the first that is answered.</summary>
internal sealed partial class FailureRunObserver(HealthBoard board, IEnumerable<IModelHost> hosts, ILogger<FailureRunObserver> logger) : ISampleObserver
{
    /// <summary>Failures in a row that make a warning: more than a burst of bad frames, soon enough to be seen within a minute at usual rates.</summary>
    public const int FailuresInARow = 10;

    // A cell a slot: written by the slot's own thread only.
    private readonly Dictionary<SlotName, int[]> _inARow = hosts.ToDictionary(h => h.Slot, _ => new int[1]);

    /// <inheritdoc/>
    public void Observe(in SampleResult result)
    {
        ref var inARow = ref _inARow[result.Slot][0];
        if (result.Error is null)
        {
            if (inARow >= FailuresInARow)
                board.Clear(SlotWarnings.SamplesFailing, result.Slot);
            inARow = 0;
            return;
        }

        if (++inARow == 1)
            Log.SampleFailed(logger, result.Slot, result.Sample.Origin, result.Error);
        if (inARow == FailuresInARow)
            board.RaiseSamplesFailing(result.Slot, FailuresInARow, $"{result.Sample.Origin}: {result.Error}", result.IsInputFault);
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "Slot {Slot}: {Origin} failed: {Error} Further failures in a row are only counted")]
        public static partial void SampleFailed(ILogger logger, SlotName slot, string origin, string error);
    }
}
