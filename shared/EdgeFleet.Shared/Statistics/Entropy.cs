namespace EdgeFleet.Shared.Statistics;

/// <summary>Entropy of an answer: 0 bits when the model is sure of one label, log2 of their number when it knows nothing.</summary>
public static class Entropy
{
    /// <summary>Entropy in bits of confidences taken as shares of their sum; what is not above 0 counts as 0.</summary>
    public static double Bits(ReadOnlySpan<float> confidences)
    {
        var sum = 0.0;
        foreach (var c in confidences)
            sum += c > 0 ? c : 0;
        if (!(sum > 0) || double.IsInfinity(sum))
            return 0;

        var bits = 0.0;
        foreach (var c in confidences)
        {
            if (c > 0)
                bits -= c / sum * Math.Log2(c / sum);
        }

        return bits;
    }
}
