using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace EdgeFleet.Shared.Models;

/// <summary>
/// Measures <see cref="ImageFeatures"/> of resized pictures, row by row while they are warm: the means of the channels over all pixels, the others on a fixed grid, one pixel of four each way in
/// pictures of 64 pixels and more, else every pixel that has neighbours. Allocates nothing per picture. One instance belongs to one stream, because it remembers the picture before.
/// </summary>
public sealed class ImageStatistics
{
    private const int RowPiece = 256 * 16; // Bytes after which sums of 16 bits would run over.
    private const int SparseFrom = 64;
    private const int SparseStep = 4;
    private const int PixelBytes = 4;
    private const int DarkBelow = 16;
    private const int BrightFrom = 240;
    private const int ClippedFrom = 254;
    private const int ColouredFrom = 40;

    private readonly int[] _lumas = new int[256];
    private readonly long[] _channels = new long[3];
    private readonly double[] _values = new double[ImageFeatures.Count];
    private byte[][] _rows = [[], [], []];
    private byte[] _before = [];
    private (int Width, int Height) _size;
    private int _stepX;
    private int _stepY;
    private int _y;
    private bool _hasBefore;
    private Sums _sums;

    /// <summary>The features of the last picture, in the order of <see cref="ImageFeatures.All"/>; <see cref="ImageFeatures.Motion"/> is not a number for the first of a size.</summary>
    public ReadOnlySpan<double> Values => _values;

    /// <summary>Begins a picture.</summary>
    public void Begin(int width, int height)
    {
        if (_size != (width, height))
            Resize(width, height);
        Array.Clear(_lumas);
        Array.Clear(_channels);
        (_sums, _y) = (default, 0);
    }

    /// <summary>Takes a row in, from the top to the bottom; the last one ends the picture.</summary>
    /// <param name="rgbx">Red, green, blue and a byte that means nothing for each pixel.</param>
    public void Add(ReadOnlySpan<byte> rgbx)
    {
        var phase = _y % _stepY;
        AddChannels(rgbx);
        if (_stepY == 1 || phase < 3)
            rgbx[..(_size.Width * PixelBytes)].CopyTo(_rows[RowOf(_y)]);
        if (_stepY == 1 ? _y >= 2 : phase == 2)
            Fold(_rows[RowOf(_y - 2)], _rows[RowOf(_y - 1)], _rows[RowOf(_y)]);
        if (++_y == _size.Height)
            End();
    }

    private void Resize(int width, int height)
    {
        (_size, _hasBefore) = ((width, height), false);
        (_stepX, _stepY) = (width >= SparseFrom ? SparseStep : 1, height >= SparseFrom ? SparseStep : 1);
        _rows = [new byte[width * PixelBytes], new byte[width * PixelBytes], new byte[width * PixelBytes]];
        _before = new byte[((width / _stepX) + 1) * ((height / _stepY) + 1)];
    }

    private void End()
    {
        var (n, v) = ((double)Math.Max(1, _sums.Pixels), _values);
        var pixels = (double)_size.Width * _size.Height;
        var (red, green, blue) = (_channels[0] / pixels, _channels[1] / pixels, _channels[2] / pixels);
        var luma = _sums.Luma / n;
        var variance = Math.Max(0, _sums.LumaSquares / n - luma * luma);
        var all = Math.Max(1, red + green + blue);
        var laplacian = _sums.Laplacian / n;
        var edges = Math.Max(0, _sums.LaplacianSquares / n - laplacian * laplacian);
        (v[0], v[1], v[2], v[3], v[4]) = (red, green, blue, luma, Math.Sqrt(variance));
        (v[5], v[6], v[7], v[8]) = (PercentileOf(0.01), PercentileOf(0.05), PercentileOf(0.95), PercentileOf(0.99));
        (v[9], v[10], v[11], v[12]) = (ShareOf(0, DarkBelow), ShareOf(BrightFrom, 256), _sums.Clipped / n, _sums.Coloured / n);
        (v[13], v[14]) = ((red - blue) / all, (green - (red + blue) / 2) / all);
        (v[15], v[16]) = (Math.Log2((edges + 1) / (variance + 1)), Entropy());
        v[17] = _hasBefore ? _sums.Motion / n : double.NaN;
        _hasBefore = true;
    }

    private int RowOf(int y) => _stepY == 1 ? y % 3 : y % _stepY;

    private void Fold(ReadOnlySpan<byte> above, ReadOnlySpan<byte> row, ReadOnlySpan<byte> below)
    {
        var sums = _sums;
        var (last, step) = (row.Length - PixelBytes - 1, _stepX * PixelBytes);
        for (var at = PixelBytes; at < last; at += step)
        {
            int red = row[at], green = row[at + 1], blue = row[at + 2];
            var luma = (77 * red + 150 * green + 29 * blue + 128) >> 8;
            var most = Math.Max(red, Math.Max(green, blue));
            var coloured = most - Math.Min(red, Math.Min(green, blue)) >= ColouredFrom;
            var laplacian = 4 * green - row[at - PixelBytes + 1] - row[at + PixelBytes + 1] - above[at + 1] - below[at + 1];
            _lumas[luma]++;
            ref var before = ref _before[sums.Pixels++];
            sums.Motion += Math.Abs(luma - before);
            before = (byte)luma;
            sums.Luma += luma;
            sums.LumaSquares += luma * luma;
            sums.Laplacian += laplacian;
            sums.LaplacianSquares += laplacian * laplacian;
            sums.Clipped += most >= ClippedFrom ? 1 : 0;
            sums.Coloured += coloured ? 1 : 0;
        }

        _sums = sums;
    }

    private void AddChannels(ReadOnlySpan<byte> rgbx)
    {
        while (rgbx.Length > 0)
        {
            var piece = rgbx[..Math.Min(rgbx.Length, RowPiece)];
            AddPiece(piece);
            rgbx = rgbx[piece.Length..];
        }
    }

    private void AddPiece(ReadOnlySpan<byte> rgbx)
    {
        ref var from = ref MemoryMarshal.GetReference(rgbx);
        var (even, odd) = (Vector128<ushort>.Zero, Vector128<ushort>.Zero);
        var at = 0;
        for (; at <= rgbx.Length - Vector128<byte>.Count; at += Vector128<byte>.Count)
        {
            var (low, high) = Vector128.Widen(Vector128.LoadUnsafe(ref from, (nuint)at));
            even += low;
            odd += high;
        }

        // Two pixels stand side by side in each vector.
        for (var c = 0; c < _channels.Length; c++)
            _channels[c] += even[c] + even[c + PixelBytes] + odd[c] + odd[c + PixelBytes];
        for (; at < rgbx.Length; at += PixelBytes)
        {
            for (var c = 0; c < _channels.Length; c++)
                _channels[c] += rgbx[at + c];
        }
    }

    private double PercentileOf(double share)
    {
        var wanted = share * _sums.Pixels;
        var seen = 0;
        for (var luma = 0; luma < 256; luma++)
        {
            seen += _lumas[luma];
            if (seen > wanted)
                return luma;
        }

        return 255;
    }

    private double ShareOf(int from, int to)
    {
        var sum = 0;
        foreach (var count in _lumas.AsSpan(from, to - from))
            sum += count;
        return (double)sum / Math.Max(1, _sums.Pixels);
    }

    private double Entropy()
    {
        var bits = 0.0;
        for (var i = 0; i < 256; i += 4)
        {
            var count = _lumas[i] + _lumas[i + 1] + _lumas[i + 2] + _lumas[i + 3];
            if (count == 0)
                continue;
            var p = (double)count / _sums.Pixels;
            bits -= p * Math.Log2(p);
        }

        return bits;
    }

    private struct Sums
    {
        public int Pixels;
        public long Luma;
        public long LumaSquares;
        public long Laplacian;
        public long LaplacianSquares;
        public long Motion;
        public int Clipped;
        public int Coloured;
    }
}
