namespace EdgeFleet.Samples.Training;

/// <summary>A convolution: weights [outputs, inputs per group, height, width], no padding, the same stride both ways.</summary>
internal sealed record ConvWeights(float[] Weights, float[] Bias, int InputsPerGroup, int Height, int Width, int Stride, int Groups)
{
    /// <summary>Output channels.</summary>
    public int Outputs => Bias.Length;
}

/// <summary>Channels, height and width of values laid out in that order.</summary>
internal sealed record Plane(float[] Values, int Channels, int Height, int Width);

/// <summary>
/// The layers of the sample models in scalar arithmetic, summed in double in one order: slower than a runtime, and equal to the
/// last bit everywhere, which a runtime is not.
/// </summary>
internal static class ScalarLayers
{
    /// <summary>Convolution followed by ReLU.</summary>
    public static Plane ConvRelu(Plane input, ConvWeights conv)
    {
        int height = ((input.Height - conv.Height) / conv.Stride) + 1, width = ((input.Width - conv.Width) / conv.Stride) + 1;
        var output = new float[conv.Outputs * height * width];
        var next = 0;
        for (var channel = 0; channel < conv.Outputs; channel++)
            for (var y = 0; y < height; y++)
                for (var x = 0; x < width; x++) output[next++] = (float)Math.Max(0, At(input, conv, channel, y * conv.Stride, x * conv.Stride));
        return new Plane(output, conv.Outputs, height, width);
    }

    /// <summary>Mean over windows that do not overlap; a rest at the edge is dropped.</summary>
    public static Plane AveragePool(Plane input, int height, int width) => Pool(input, height, width, (sum, value) => sum + value, 0, 1.0 / (height * width));

    /// <summary>Greatest value over windows that do not overlap.</summary>
    public static Plane MaxPool(Plane input, int height, int width) => Pool(input, height, width, Math.Max, double.NegativeInfinity, 1);

    private static Plane Pool(Plane input, int height, int width, Func<double, double, double> fold, double start, double factor)
    {
        int rows = input.Height / height, columns = input.Width / width;
        var output = new float[input.Channels * rows * columns];
        var next = 0;
        for (var channel = 0; channel < input.Channels; channel++)
        {
            for (var row = 0; row < rows; row++)
            {
                for (var column = 0; column < columns; column++)
                {
                    var folded = start;
                    for (var y = row * height; y < (row + 1) * height; y++)
                        for (var x = column * width; x < (column + 1) * width; x++)
                            folded = fold(folded, input.Values[(((channel * input.Height) + y) * input.Width) + x]);
                    output[next++] = (float)(folded * factor);
                }
            }
        }

        return new Plane(output, input.Channels, rows, columns);
    }

    private static double At(Plane input, ConvWeights conv, int channel, int top, int left)
    {
        double sum = conv.Bias[channel];
        var first = channel / (conv.Outputs / conv.Groups) * conv.InputsPerGroup;
        var weight = channel * conv.InputsPerGroup * conv.Height * conv.Width;
        for (var plane = first; plane < first + conv.InputsPerGroup; plane++)
        {
            for (var y = top; y < top + conv.Height; y++)
            {
                var pixel = (((plane * input.Height) + y) * input.Width) + left;
                for (var x = 0; x < conv.Width; x++) sum += (double)conv.Weights[weight++] * input.Values[pixel + x];
            }
        }

        return sum;
    }
}
