namespace EdgeFleet.Shared.Models;

/// <summary>
/// Resizes an image row by row, from the top: first in width, rounded to whole pixel values as Pillow does between its two passes, then in height. Only rows that
/// are needed are narrowed, and only as many are held as one result takes, so that the work stays in the cache.
/// </summary>
internal sealed class ResizedRows
{
    private const int PixelBytes = 4;

    private ResizeTable? _columns;
    private ColumnWeights? _weights;
    private ResizeTable? _rows;
    private byte[] _ring = []; // Narrowed rows, row r in place r modulo the places.
    private byte[] _row = [];
    private int[] _tapsAt = [];
    private int _width;
    private int _places;
    private int _next;

    /// <summary>Begins an image.</summary>
    public void Begin(PixelBuffer image, int width, int height, bool antialias)
    {
        _columns = ResizeTable.For(_columns, image.Width, width, antialias);
        _weights = ColumnWeights.For(_weights, _columns);
        _rows = ResizeTable.For(_rows, image.Height, height, antialias);
        (_width, _places, _next) = (width, _rows.TapsMax, 0);
        if (!_columns.IsIdentity)
            Grow(ref _ring, _places * width * PixelBytes + PixelBuffer.PastTheEnd);
        Grow(ref _row, width * PixelBytes + PixelBuffer.PastTheEnd);
        if (_tapsAt.Length < _rows.TapsMax)
            _tapsAt = new int[_rows.TapsMax];
    }

    /// <summary>The next result row, red, green, blue and a byte that means nothing for each pixel. Rows are asked for in order; one is good until the next.</summary>
    public ReadOnlySpan<byte> Row(PixelBuffer image, int y)
    {
        var (first, weights) = _rows!.At(y);
        if (!_columns!.IsIdentity)
            NarrowUpTo(image, first, first + weights.Length);
        if (_rows.IsIdentity)
            return Narrowed(image).Slice(Place(first), _width * PixelBytes);

        for (var k = 0; k < weights.Length; k++)
            _tapsAt[k] = Place(first + k);
        ResizeKernels.Blend(Narrowed(image), _tapsAt.AsSpan(0, weights.Length), weights, _row, _width * PixelBytes);
        return _row.AsSpan(0, _width * PixelBytes);
    }

    // Where an image keeps its width, its own rows stand for the narrowed ones.
    private ReadOnlySpan<byte> Narrowed(PixelBuffer image) => _columns!.IsIdentity ? image.PaddedRgbx : _ring;

    private int Place(int row) => (_columns!.IsIdentity ? row : row % _places) * _width * PixelBytes;

    private void NarrowUpTo(PixelBuffer image, int first, int end)
    {
        // Rows that no result asks for are passed over; a wide triangle asks for all of them.
        _next = Math.Max(_next, first);
        for (; _next < end; _next++)
            ResizeKernels.Narrow(image.PaddedRgbx[(_next * image.Width * PixelBytes)..], _weights!, _ring.AsSpan(Place(_next)), _width);
    }

    private static void Grow(ref byte[] buffer, int bytes)
    {
        if (buffer.Length < bytes)
            buffer = new byte[bytes];
    }
}
