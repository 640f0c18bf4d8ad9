using System.Numerics;
using System.Runtime.InteropServices;

namespace EdgeFleet.ModelPrep.Deltas;

/// <summary>Finds parts of the file before in another: what is not a tensor, and whole files that are no models.</summary>
internal sealed class BlockMatcher
{
    /// <summary>Shorter matches are not worth a step.</summary>
    public const int BytesMin = 16;

    // A table of 16 million places is 64 MB; a larger file has only every n-th place in it.
    private const int PlacesMax = 1 << 23;

    private readonly byte[] _base;
    private readonly int[] _places;
    private readonly int _shift;

    /// <summary>Reads a file before.</summary>
    public BlockMatcher(byte[] before)
    {
        _base = before;
        var count = Math.Max(0, before.Length - BytesMin + 1);
        var stride = 1 + (count / PlacesMax);
        var bits = Math.Max(4, BitOperations.Log2((uint)((2 * (long)count / stride) + 1)) + 1);
        (_places, _shift) = (new int[1 << bits], 64 - bits);
        // The first place of equal ones is kept, 1 added, for 0 is an empty entry.
        for (var at = (count - 1) / stride * stride; at >= 0 && count > 0; at -= stride)
            _places[Hash(before, at)] = at + 1;
    }

    /// <summary>The matches in a part of a file, in order and apart from each other.</summary>
    public IEnumerable<AlignedRange> Find(byte[] file, int from, int to)
    {
        for (var (at, free) = (from, from); at + BytesMin <= to;)
        {
            if (MatchAt(file, at, free, to) is not { } match)
            {
                at++;
                continue;
            }

            yield return match;
            at = free = match.End;
        }
    }

    private AlignedRange? MatchAt(byte[] file, int at, int free, int to)
    {
        var old = _places[Hash(file, at)] - 1;
        if (old < 0)
            return null;

        var forward = _base.AsSpan(old).CommonPrefixLength(file.AsSpan(at, to - at));
        if (forward < BytesMin)
            return null;

        var back = 0;
        while (at - back > free && old - back > 0 && file[at - back - 1] == _base[old - back - 1])
            back++;
        return new AlignedRange(at - back, old - back, forward + back, 1);
    }

    private uint Hash(byte[] file, int at)
    {
        var words = MemoryMarshal.Cast<byte, ulong>(file.AsSpan(at, BytesMin));
        return (uint)(((words[0] * 0x9E3779B97F4A7C15) ^ BitOperations.RotateLeft(words[1] * 0xC2B2AE3D27D4EB4F, 31)) * 0x165667B19E3779F9 >> _shift);
    }
}
