using EdgeFleet.ModelPrep.Evaluating;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.ModelPrep.Quantization;

/// <summary>Times int8 beside float, one thread, by turns.</summary>
internal static class SpeedCheck
{
    private const int Rounds = 7;
    private const double RoundMs = 60;

    /// <summary>The times.</summary>
    public static SpeedReport Of(ModelSession floatModel, ModelSession int8, float[] sample, CancellationToken cancel)
    {
        var blocks = LatencyRounds.Measure([floatModel, int8], [sample, sample], Rounds, RoundMs, energy: null, onBlock: null, cancel);
        var (theirs, ours) = (LatencyRounds.Spread(blocks[0], blocks[0]), LatencyRounds.Spread(blocks[1], blocks[0]));
        return new SpeedReport(theirs.MedianMs, ours.MedianMs, ours.Ratio, ours.RatioLow, ours.RatioHigh);
    }
}
