namespace EdgeFleet.Shared.Models.Sessions;

/// <summary>A model of one node, softmax over four values, which every provider knows: what a provider must answer before it is believed to be there.</summary>
internal static class ProbeModel
{
    /// <summary>Values of input and output, in the shape [1, 4].</summary>
    public const int Values = 4;

    /// <summary>Name of the input.</summary>
    public const string Input = "x";

    /// <summary>Name of the output.</summary>
    public const string Output = "y";

    private const float Tolerance = 1e-3f; // Half precision is good enough.

    /// <summary>The ONNX file, field by field as in onnx.proto: a tag, then a number or a length and what is that long.</summary>
    public static ReadOnlySpan<byte> Bytes =>
    [
        0x08, 8, // ir_version
        0x3A, 66, // graph
        0x0A, 15, 0x0A, 1, (byte)'x', 0x12, 1, (byte)'y', 0x22, 7, (byte)'S', (byte)'o', (byte)'f', (byte)'t', (byte)'m', (byte)'a', (byte)'x', // node
        0x12, 5, (byte)'p', (byte)'r', (byte)'o', (byte)'b', (byte)'e', // name
        0x5A, 19, 0x0A, 1, (byte)'x', 0x12, 14, 0x0A, 12, 0x08, 1, 0x12, 8, 0x0A, 2, 0x08, 1, 0x0A, 2, 0x08, Values, // input: float32 [1, 4]
        0x62, 19, 0x0A, 1, (byte)'y', 0x12, 14, 0x0A, 12, 0x08, 1, 0x12, 8, 0x0A, 2, 0x08, 1, 0x0A, 2, 0x08, Values, // output
        0x42, 2, 0x10, 13, // opset
    ];

    /// <summary>True for the softmax of equal values.</summary>
    public static bool IsRight(ReadOnlySpan<float> values)
    {
        foreach (var value in values)
        {
            // Not a comparison that NaN passes.
            if (!(Math.Abs(value - (1f / Values)) < Tolerance))
                return false;
        }

        return values.Length == Values;
    }
}
