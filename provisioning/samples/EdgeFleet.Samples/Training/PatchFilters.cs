using EdgeFleet.Samples.Exact;

namespace EdgeFleet.Samples.Training;

/// <summary>
/// Convolution filters from the patches of training pictures, without gradients: k-means centres, and for each a filter whose ReLU is
/// how much nearer than average a patch lies to that centre ("triangle" encoding, Coates and Ng).
/// </summary>
internal static class PatchFilters
{
    private const int PatchesPerPicture = 24;
    private const int Rounds = 12;

    /// <summary>Learns <paramref name="count"/> filters of <paramref name="size"/> squared pixels over all channels.</summary>
    public static ConvWeights Learn(IReadOnlyList<Plane> pictures, int count, int size, int stride, SeededRandom random)
    {
        var patches = pictures.SelectMany(p => Enumerable.Range(0, PatchesPerPicture).Select(_ => Patch(p, size, random))).ToArray();
        var centres = Enumerable.Range(0, count).Select(_ => (double[])patches[random.Whole(0, patches.Length - 1)].Clone()).ToArray();
        for (var round = 0; round < Rounds; round++) Improve(centres, patches);
        return Triangle(centres, pictures[0].Channels, size, stride);
    }

    private static double[] Patch(Plane picture, int size, SeededRandom random)
    {
        int top = random.Whole(0, picture.Height - size), left = random.Whole(0, picture.Width - size);
        var patch = new double[picture.Channels * size * size];
        var next = 0;
        for (var c = 0; c < picture.Channels; c++)
            for (var y = top; y < top + size; y++)
                for (var x = left; x < left + size; x++) patch[next++] = picture.Values[(((c * picture.Height) + y) * picture.Width) + x];
        return patch;
    }

    private static void Improve(double[][] centres, double[][] patches)
    {
        var sums = Array.ConvertAll(centres, c => new double[c.Length]);
        var counts = new int[centres.Length];
        foreach (var patch in patches)
        {
            var nearest = Nearest(centres, patch);
            counts[nearest]++;
            for (var i = 0; i < patch.Length; i++) sums[nearest][i] += patch[i];
        }

        for (var k = 0; k < centres.Length; k++)
            if (counts[k] > 0) centres[k] = Array.ConvertAll(sums[k], s => s / counts[k]);
    }

    private static int Nearest(double[][] centres, double[] patch)
    {
        int nearest = 0;
        var least = double.MaxValue;
        for (var k = 0; k < centres.Length; k++)
        {
            var centre = centres[k];
            double distance = 0;
            for (var i = 0; i < patch.Length; i++) distance += (patch[i] - centre[i]) * (patch[i] - centre[i]);
            if (distance < least) (nearest, least) = (k, distance);
        }

        return nearest;
    }

    // mean of squared distances minus the squared distance to centre k is linear in the patch.
    private static ConvWeights Triangle(double[][] centres, int channels, int size, int stride)
    {
        var length = centres[0].Length;
        var mean = new double[length];
        for (var i = 0; i < length; i++) mean[i] = centres.Average(c => c[i]);
        var meanSquare = centres.Average(c => c.Sum(v => v * v));

        var weights = centres.SelectMany(c => c.Select((v, i) => (float)(2 * (v - mean[i]) / length))).ToArray();
        var bias = centres.Select(c => (float)((meanSquare - c.Sum(v => v * v)) / length)).ToArray();
        return new ConvWeights(weights, bias, channels, size, size, stride, Groups: 1);
    }
}
