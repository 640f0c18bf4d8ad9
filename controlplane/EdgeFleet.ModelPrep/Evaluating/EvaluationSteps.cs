using EdgeFleet.ModelPrep.Packing;

namespace EdgeFleet.ModelPrep.Evaluating;

/// <summary>Counts what is done.</summary>
internal sealed class EvaluationSteps(IProgress<PackProgress>? progress, int total)
{
    private int _done;

    /// <summary>One more is under way.</summary>
    public void Next(string what) => progress?.Report(new PackProgress(Math.Min(++_done, total), total, what));
}
