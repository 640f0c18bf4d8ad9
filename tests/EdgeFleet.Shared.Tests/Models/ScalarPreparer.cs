using EdgeFleet.Shared.Models;

namespace EdgeFleet.Shared.Tests.Models;

/// <summary>The preparation as its definition reads, a value at a time: what the vector code must equal to the last bit.</summary>
internal static class ScalarPreparer
{
    private const int Bits = 22;

    public static (float[] Tensor, double[] Means) Prepare(InputSpec spec, PixelBuffer image)
    {
        var narrow = Resize(image.Rgbx.ToArray(), image.Width, image.Height, spec.Width, spec.Resize!.Antialias);
        var resized = Transposed(Resize(Transposed(narrow, spec.Width, image.Height), image.Height, spec.Width, spec.Height, spec.Resize.Antialias), spec.Height, spec.Width);
        var (tensor, sums) = (new float[spec.Elements], new long[3]);
        for (var i = 0; i < spec.Width * spec.Height; i++)
        {
            for (var c = 0; c < 3; c++)
            {
                var channel = spec.ColourOrder == "BGR" ? 2 - c : c;
                sums[c] += resized[i * 4 + c];
                tensor[spec.Layout == "NCHW" ? channel * spec.Width * spec.Height + i : i * 3 + channel] = resized[i * 4 + c] * spec.Scale[channel] + spec.Offset[channel];
            }
        }

        return (tensor, [.. sums.Select(s => (double)s / (spec.Width * spec.Height))]);
    }

    private static byte[] Resize(byte[] pixels, int from, int rows, int to, bool antialias)
    {
        var resized = new byte[to * rows * 4];
        var scale = (double)from / to;
        var support = antialias ? Math.Max(1, scale) : 1;
        for (var x = 0; x < to; x++)
        {
            var (first, weights) = Weights((x + 0.5) * scale, support, from);
            for (var at = 0; at < rows * 4; at++)
            {
                var (y, c) = (at / 4, at % 4);
                var sum = 1L << (Bits - 1);
                for (var k = 0; k < weights.Length; k++)
                    sum += pixels[(y * from + first + k) * 4 + c] * (long)weights[k];
                resized[(y * to + x) * 4 + c] = (byte)Math.Clamp(sum >> Bits, 0, 255);
            }
        }

        return resized;
    }

    private static (int First, int[] Weights) Weights(double centre, double support, int from)
    {
        var first = Math.Max(0, (int)(centre - support + 0.5));
        var last = Math.Min(from, (int)(centre + support + 0.5));
        if (last <= first)
            return (Math.Min(first, from - 1), [1 << Bits]);

        var exact = Enumerable.Range(first, last - first).Select(i => Math.Max(0, 1 - Math.Abs((i - centre + 0.5) / support))).ToArray();
        return exact.Sum() > 0 ? (first, [.. exact.Select(w => (int)Math.Round(w / exact.Sum() * (1 << Bits), MidpointRounding.AwayFromZero))]) : (first, [1 << Bits]);
    }

    private static byte[] Transposed(byte[] pixels, int width, int height)
    {
        var turned = new byte[pixels.Length];
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
                pixels.AsSpan((y * width + x) * 4, 4).CopyTo(turned.AsSpan((x * height + y) * 4));
        }

        return turned;
    }
}
