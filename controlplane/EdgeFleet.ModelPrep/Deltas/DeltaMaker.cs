using EdgeFleet.Shared.Deltas;

namespace EdgeFleet.ModelPrep.Deltas;

/// <summary>
/// Makes deltas. Tensors of two ONNX files are laid side by side and subtracted; what stands between them, and files that are no models, is copied from where
/// the file before has it. Takes about six times the two files in memory.
/// </summary>
public static class DeltaMaker
{
    // About what a step costs, packed.
    private const int StepBytes = 4;

    /// <summary>Makes the delta from one file to another. The same files give the same delta.</summary>
    public static byte[] Make(byte[] before, byte[] after)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        var (writer, matcher) = (new DeltaWriter(), new BlockMatcher(before));
        var (at, baseAt) = (0, 0);
        foreach (var pair in TensorPairs.Of(before, after))
        {
            Between(at, pair.At, baseAt, pair.BaseAt);
            writer.Add(PackedStep.Best(before, after, pair));
            (at, baseAt) = (pair.End, pair.BaseAt + pair.Bytes);
        }

        Between(at, after.Length, baseAt, before.Length);
        return writer.Write(before, after);

        void Between(int from, int to, int baseFrom, int baseTo)
        {
            var steps = Matched(matcher, after, from, to);
            var beside = new AlignedRange(from, baseFrom, to - from, 1);
            var isBeside = from < to && baseTo - baseFrom == to - from && CostBeside(before, after, beside) < steps.Sum(CostOf);
            foreach (var step in isBeside ? [PackedStep.Best(before, after, beside)] : steps)
                writer.Add(step);
        }
    }

    private static List<PackedStep> Matched(BlockMatcher matcher, byte[] after, int from, int to)
    {
        var steps = new List<PackedStep>();
        foreach (var match in matcher.Find(after, from, to))
        {
            Fresh(from, match.At);
            steps.Add(new PackedStep(new DeltaStep(DeltaStepKind.Copy, match.Bytes, match.BaseAt), [], []));
            from = match.End;
        }

        Fresh(from, to);
        return steps;

        void Fresh(int begin, int end)
        {
            if (begin < end)
                steps.Add(PackedStep.Of(new DeltaStep(DeltaStepKind.Fresh, end - begin), [], after.AsSpan(begin..end)));
        }
    }

    private static int CostOf(PackedStep step) => StepBytes + step.Values.Length;

    // Bytes that differ, and as many places of them.
    private static int CostBeside(byte[] before, byte[] after, AlignedRange range)
    {
        var differ = 0;
        for (var i = 0; i < range.Bytes; i++)
            differ += before[range.BaseAt + i] == after[range.At + i] ? 0 : 1;
        return StepBytes + (differ * 3 / 2);
    }
}
