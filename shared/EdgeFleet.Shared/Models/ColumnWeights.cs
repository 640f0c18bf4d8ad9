namespace EdgeFleet.Shared.Models;

/// <summary>
/// The weights of a resize in width as vector code takes them: the same even count for every result, each weight once for each byte of a pixel. Weights of 0 fill
/// up, in front where there is nothing behind; one source past the end may be asked for with a weight of 0.
/// </summary>
internal sealed class ColumnWeights
{
    /// <summary>Each weight stands this often.</summary>
    internal const int Lanes = 4;

    private readonly ResizeTable _of;
    private readonly int[] _firsts;
    private readonly int[] _weights;

    private ColumnWeights(ResizeTable table)
    {
        _of = table;
        Taps = table.TapsMax + table.TapsMax % 2;
        _firsts = new int[table.Length];
        _weights = new int[table.Length * Taps * Lanes];
        for (var x = 0; x < table.Length; x++)
        {
            var (first, weights) = table.At(x);
            _firsts[x] = Math.Max(0, Math.Min(first, table.Sources - Taps));
            for (var k = 0; k < weights.Length; k++)
                _weights.AsSpan((x * Taps + first - _firsts[x] + k) * Lanes, Lanes).Fill(weights[k]);
        }
    }

    /// <summary>Weights of a result, an even count.</summary>
    internal int Taps { get; }

    /// <summary>First source of each result.</summary>
    internal ReadOnlySpan<int> Firsts => _firsts;

    /// <summary>The weights of all results one after another.</summary>
    internal ReadOnlySpan<int> Weights => _weights;

    /// <summary>The cached weights if they are of this table, else new ones.</summary>
    internal static ColumnWeights For(ColumnWeights? cached, ResizeTable table) => cached?._of == table ? cached : new ColumnWeights(table);
}
