using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace EdgeFleet.Shared.Models;

/// <summary>Resized rows to the input tensor: colour order, scale, offset and layout. Multiplied and added in two steps, so that every CPU rounds alike.</summary>
internal sealed class TensorRows
{
    private const int PixelBytes = 4;

    private readonly InputSpec _spec;
    private readonly bool _planes;
    private readonly int _red;
    private readonly float[] _scale;
    private readonly float[] _offset;

    /// <summary>Rows of an image input.</summary>
    public TensorRows(InputSpec spec)
    {
        _spec = spec;
        _planes = spec.Layout == "NCHW";
        _red = spec.ColourOrder == "BGR" ? 2 : 0;
        _scale = [.. spec.Scale];
        _offset = [.. spec.Offset];
    }

    /// <summary>Writes one row.</summary>
    /// <param name="rgbx">The resized row, four bytes a pixel.</param>
    /// <param name="y">Its number.</param>
    /// <param name="tensor">The whole tensor.</param>
    public void Write(ReadOnlySpan<byte> rgbx, int y, Span<float> tensor)
    {
        var width = _spec.Width;
        if (!_planes)
        {
            WriteInterleaved(rgbx, tensor.Slice(y * width * 3, width * 3));
            return;
        }

        for (var c = 0; c < 3; c++)
        {
            // Red is the first plane or the last one.
            var channel = Math.Abs(_red - c);
            WritePlane(rgbx, c, _scale[channel], _offset[channel], tensor.Slice((channel * _spec.Height + y) * width, width));
        }
    }

    // Pixels as whole numbers of four bytes: the wanted byte is shifted down, the others are cut off.
    private static void WritePlane(ReadOnlySpan<byte> rgbx, int colour, float scale, float offset, Span<float> row)
    {
        ref var from = ref MemoryMarshal.GetReference(rgbx[..(row.Length * PixelBytes)]);
        ref var to = ref MemoryMarshal.GetReference(row);
        var x = 0;
        if (Vector256.IsHardwareAccelerated)
        {
            var (scales, offsets, low) = (Vector256.Create(scale), Vector256.Create(offset), Vector256.Create(0xFF));
            for (; x <= row.Length - Vector256<float>.Count; x += Vector256<float>.Count)
            {
                var values = (Vector256.LoadUnsafe(ref from, (nuint)(x * PixelBytes)).AsInt32() >>> (8 * colour)) & low;
                (Vector256.ConvertToSingle(values) * scales + offsets).StoreUnsafe(ref to, (nuint)x);
            }
        }
        else
        {
            var (scales, offsets, low) = (Vector128.Create(scale), Vector128.Create(offset), Vector128.Create(0xFF));
            for (; x <= row.Length - Vector128<float>.Count; x += Vector128<float>.Count)
            {
                var values = (Vector128.LoadUnsafe(ref from, (nuint)(x * PixelBytes)).AsInt32() >>> (8 * colour)) & low;
                (Vector128.ConvertToSingle(values) * scales + offsets).StoreUnsafe(ref to, (nuint)x);
            }
        }

        for (; x < row.Length; x++)
            row[x] = rgbx[x * PixelBytes + colour] * scale + offset;
    }

    private void WriteInterleaved(ReadOnlySpan<byte> rgbx, Span<float> row)
    {
        var (first, last) = (_red, 2 - _red);
        for (int x = 0, to = 0; to < row.Length; x += PixelBytes, to += 3)
        {
            row[to] = rgbx[x + first] * _scale[0] + _offset[0];
            row[to + 1] = rgbx[x + 1] * _scale[1] + _offset[1];
            row[to + 2] = rgbx[x + last] * _scale[2] + _offset[2];
        }
    }
}
