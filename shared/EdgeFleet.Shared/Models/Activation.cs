namespace EdgeFleet.Shared.Models;

/// <summary>Raw outputs to confidences, in place.</summary>
public static class Activation
{
    /// <summary>Applies <c>softmax</c>, <c>sigmoid</c> or <c>none</c> in place and returns the index of the largest value; -1 if any value is not a number.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Another activation.</exception>
    public static int Apply(string activation, Span<float> values)
    {
        switch (activation)
        {
            case "softmax":
                Softmax(values);
                break;
            case "sigmoid":
                foreach (ref var v in values)
                    v = 1 / (1 + MathF.Exp(-v));
                break;
            case "none":
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(activation), activation, "softmax, sigmoid or none");
        }

        return Top(values);
    }

    private static void Softmax(Span<float> values)
    {
        var max = float.NegativeInfinity;
        foreach (var v in values)
            max = Math.Max(max, v);

        var sum = 0f;
        foreach (ref var v in values)
        {
            v = MathF.Exp(v - max);
            sum += v;
        }

        foreach (ref var v in values)
            v /= sum;
    }

    private static int Top(ReadOnlySpan<float> values)
    {
        var top = 0;
        for (var i = 0; i < values.Length; i++)
        {
            if (!float.IsFinite(values[i]))
                return -1;
            if (values[i] > values[top])
                top = i;
        }

        return top;
    }
}
