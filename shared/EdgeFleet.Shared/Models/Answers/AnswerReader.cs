namespace EdgeFleet.Shared.Models.Answers;

/// <summary>Makes an answer of what stands in a session after a run, in place and without allocation. One caller at a time.</summary>
public abstract class AnswerReader
{
    private protected AnswerReader()
    {
    }

    /// <summary>The reader for a model's outputs.</summary>
    public static AnswerReader For(InputSpec input, OutputSpec output) => output switch
    {
        { Boxes: { } boxes } => new DetectionReader(boxes, input, output),
        { Score: { } score } => new AnomalyReader(score),
        _ => new ClassReader(output),
    };

    /// <summary>Reads the answer to one sample of the last run.</summary>
    /// <returns>The answer, the same object each time; null when the model answered with a value that is not a number.</returns>
    public abstract Answer? Read(ModelSession session, int sample = 0);

    private sealed class ClassReader(OutputSpec output) : AnswerReader
    {
        private readonly ClassAnswer _answer = new(output.Labels.Count);

        public override Answer? Read(ModelSession session, int sample) => _answer.Fill(output.Activation, session.OutputOf(sample)) ? _answer : null;
    }

    private sealed class AnomalyReader(ScoreSpec spec) : AnswerReader
    {
        private readonly AnomalyAnswer _answer = new(spec);

        public override Answer? Read(ModelSession session, int sample)
        {
            _answer.Score = AnomalyScore.Of(spec.Kind, session.OutputOf(sample), session.InputOf(sample));
            return double.IsFinite(_answer.Score) ? _answer : null;
        }
    }
}

/// <summary>The anomaly score of a model's output.</summary>
public static class AnomalyScore
{
    /// <summary>The score by its kind: the output's one value, or how far the output is from the input.</summary>
    public static double Of(string kind, ReadOnlySpan<float> output, ReadOnlySpan<float> input)
    {
        if (kind == ScoreKind.Scalar)
            return output[0];

        var (sum, squared) = (0.0, kind == ScoreKind.SquaredError);
        for (var i = 0; i < output.Length; i++)
        {
            double difference = output[i] - input[i];
            sum += squared ? difference * difference : Math.Abs(difference);
        }

        return sum / output.Length;
    }
}
