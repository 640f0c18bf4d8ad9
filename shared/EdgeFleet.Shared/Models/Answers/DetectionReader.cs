namespace EdgeFleet.Shared.Models.Answers;

/// <summary>Candidates of a model to boxes, as a <see cref="BoxSpec"/> says. All memory is taken once.</summary>
internal sealed class DetectionReader : AnswerReader
{
    private readonly BoxSpec _spec;
    private readonly int _labels;
    private readonly int _scores;
    private readonly string _activation;
    private readonly (float Width, float Height) _unit;
    private readonly DetectionAnswer _answer;
    private readonly Box[] _candidates;

    public DetectionReader(BoxSpec spec, InputSpec input, OutputSpec output)
    {
        _spec = spec;
        _labels = output.Labels.Count;
        _scores = spec.Scores(_labels);
        _activation = output.Activation;
        _unit = spec.Unit == "pixels" ? (input.Width, input.Height) : (1, 1);
        _answer = new DetectionAnswer(spec.BoxesMax);
        _candidates = new Box[spec.Candidates];
    }

    public override Answer? Read(ModelSession session, int sample)
    {
        var apart = _spec.ScoresTensor is not null;
        var count = _spec.CountTensor is null ? _spec.Candidates : session.OutputOf(sample, apart ? 2 : 1)[0];
        return Read(session.OutputOf(sample), apart ? session.OutputOf(sample, 1) : session.OutputOf(sample), count) ? _answer : null;
    }

    /// <summary>Reads raw outputs; the same span twice when the scores stand behind the coordinates.</summary>
    /// <returns>The boxes; null when a value is not a number.</returns>
    internal DetectionAnswer? Read(ReadOnlySpan<float> boxes, ReadOnlySpan<float> scores) => Read(boxes, scores, _spec.Candidates) ? _answer : null;

    private bool Read(ReadOnlySpan<float> boxes, ReadOnlySpan<float> scores, float count)
    {
        if (!float.IsFinite(count))
            return false;

        var (candidates, apart) = ((int)Math.Clamp(count, 0, _spec.Candidates), _spec.ScoresTensor is not null);
        var planes = _spec.Layout == "NCA";
        var boxWidth = apart ? 4 : 4 + _scores;
        var scoreWidth = apart ? _scores : boxWidth;
        var found = 0;
        for (var a = 0; a < candidates; a++)
        {
            // A value of candidate a stands at first + step * its number.
            var (boxFirst, scoreFirst, step) = planes ? (a, a, _spec.Candidates) : (a * boxWidth, a * scoreWidth, 1);
            var (label, score) = Best(scores, scoreFirst + (apart ? 0 : 4 * step), step);
            if (!float.IsFinite(score))
                return false;
            if (label < 0 || score < _spec.ScoreMin)
                continue;

            var box = Place(label, score, boxes[boxFirst], boxes[boxFirst + step], boxes[boxFirst + 2 * step], boxes[boxFirst + 3 * step]);
            if (!float.IsFinite(box.Left + box.Top + box.Right + box.Bottom))
                return false;
            box = box with { Left = Math.Clamp(box.Left, 0, 1), Top = Math.Clamp(box.Top, 0, 1), Right = Math.Clamp(box.Right, 0, 1), Bottom = Math.Clamp(box.Bottom, 0, 1) };
            if (box.Area > 0)
                _candidates[found++] = box;
        }

        _answer.Count = Suppression.Keep(_candidates.AsSpan(0, found), (float)_spec.IouMax, _answer.Room);
        return true;
    }

    // Label -1 for the background. A score that is not a number is given back as it is.
    private (int Label, float Score) Best(ReadOnlySpan<float> scores, int first, int step)
    {
        var (objectness, classes) = (1f, first);
        if (_spec.Objectness)
        {
            objectness = _activation == "sigmoid" ? Sigmoid(scores[first]) : scores[first];
            classes += step;
        }

        var background = _spec.Background ? 1 : 0;
        var (best, greatest, spoilt) = (-1, float.NegativeInfinity, 0f);
        for (var c = 0; c < _labels + background; c++)
        {
            var value = scores[classes + c * step];
            spoilt += value * 0; // Not a number once any value is none.
            if (c >= background && value > greatest)
                (best, greatest) = (c - background, value);
        }

        if (float.IsNaN(spoilt) || float.IsNaN(objectness))
            return (-1, float.NaN);
        return (best, _activation switch
        {
            "softmax" => Softmax(scores, classes, step, _labels + background, greatest),
            "sigmoid" => objectness * Sigmoid(greatest),
            _ => objectness * greatest,
        });
    }

    private static float Softmax(ReadOnlySpan<float> scores, int first, int step, int count, float of)
    {
        var max = float.NegativeInfinity;
        for (var c = 0; c < count; c++)
            max = Math.Max(max, scores[first + c * step]);
        var sum = 0f;
        for (var c = 0; c < count; c++)
            sum += MathF.Exp(scores[first + c * step] - max);
        return MathF.Exp(of - max) / sum;
    }

    private static float Sigmoid(float value) => 1 / (1 + MathF.Exp(-value));

    private Box Place(int label, float score, float a, float b, float c, float d)
    {
        var (left, top, right, bottom) = _spec.Coordinates switch
        {
            "xyxy" => (a, b, c, d),
            "yxyx" => (b, a, d, c),
            _ => (a - c / 2, b - d / 2, a + c / 2, b + d / 2),
        };
        return new Box(label, score, left / _unit.Width, top / _unit.Height, right / _unit.Width, bottom / _unit.Height);
    }
}
