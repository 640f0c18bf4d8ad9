namespace EdgeFleet.Shared.Models;

/// <summary>
/// Weights of a one-dimensional bilinear resize in fixed point, so that every CPU gives the same pixels. With antialias the triangle
/// is as wide as the shrink factor (Pillow's <c>Resample.c</c>); without it two neighbours are mixed.
/// </summary>
internal sealed class ResizeTable
{
    /// <summary>Bits behind the point: Pillow's PRECISION_BITS for 8-bit images.</summary>
    internal const int Bits = 22;

    /// <summary>Summand that makes the shift round to nearest.</summary>
    internal const int Half = 1 << (Bits - 1);

    private readonly int[] _first;
    private readonly int[][] _weights;
    private readonly (int From, int To, bool Antialias) _key;

    private ResizeTable(int from, int to, bool antialias)
    {
        _key = (from, to, antialias);
        _first = new int[to];
        _weights = new int[to][];
        var scale = (double)from / to;
        var support = antialias ? Math.Max(1, scale) : 1;
        for (var i = 0; i < to; i++)
        {
            (_first[i], var weights) = WeightsAt((i + 0.5) * scale, support, from);
            // Weights of 0 at the end change nothing and cost as much as any other.
            _weights[i] = weights[..Math.Max(1, Array.FindLastIndex(weights, w => w != 0) + 1)];
            TapsMax = Math.Max(TapsMax, _weights[i].Length);
        }
    }

    /// <summary>Most sources of one result.</summary>
    internal int TapsMax { get; }

    /// <summary>Results.</summary>
    internal int Length => _first.Length;

    /// <summary>True when every result is its own source.</summary>
    internal bool IsIdentity => _key.From == _key.To;

    /// <summary>Sources.</summary>
    internal int Sources => _key.From;

    /// <summary>The cached table if it fits, else a new one.</summary>
    internal static ResizeTable For(ResizeTable? cached, int from, int to, bool antialias) =>
        cached is not null && cached._key == (from, to, antialias) ? cached : new ResizeTable(from, to, antialias);

    /// <summary>First source index and the weights from there on.</summary>
    internal (int First, int[] Weights) At(int index) => (_first[index], _weights[index]);

    private static (int First, int[] Weights) WeightsAt(double centre, double support, int from)
    {
        var first = Math.Max(0, (int)(centre - support + 0.5));
        var last = Math.Min(from, (int)(centre + support + 0.5));
        if (last <= first)
            (first, last) = (Math.Min(first, from - 1), Math.Min(first, from - 1) + 1);

        var exact = new double[last - first];
        for (var i = 0; i < exact.Length; i++)
            exact[i] = Math.Max(0, 1 - Math.Abs((i + first - centre + 0.5) / support));

        var sum = exact.Sum();
        return sum > 0
            ? (first, [.. exact.Select(w => (int)Math.Round(w / sum * (1 << Bits), MidpointRounding.AwayFromZero))])
            : (first, [1 << Bits]);
    }
}
