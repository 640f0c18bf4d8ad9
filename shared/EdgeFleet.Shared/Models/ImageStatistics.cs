using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace EdgeFleet.Shared.Models;

/// <summary>
/// What is watched of the images a model sees, over the resized pixels, before scaling. It is shown each resized row while the row is still warm; one instance
/// belongs to one preparer.
/// </summary>
public sealed class ImageStatistics
{
    private const int PixelBytes = 4;
    private const int RowPiece = 256 * 16; // Bytes after which sums of 16 bits would run over.

    private readonly long[] _sums = new long[3];
    private long _pixels;

    /// <summary>Mean of red, green and blue, 0 to 255.</summary>
    public (double Red, double Green, double Blue) ChannelMeans =>
        _pixels == 0 ? default : ((double)_sums[0] / _pixels, (double)_sums[1] / _pixels, (double)_sums[2] / _pixels);

    /// <summary>Begins an image.</summary>
    public void Begin(int width, int height)
    {
        Array.Clear(_sums);
        _pixels = (long)width * height;
    }

    /// <summary>Takes a row in, from the top to the bottom.</summary>
    /// <param name="rgbx">Red, green, blue and a byte that means nothing for each pixel.</param>
    public void Add(ReadOnlySpan<byte> rgbx)
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
        for (var c = 0; c < _sums.Length; c++)
            _sums[c] += even[c] + even[c + PixelBytes] + odd[c] + odd[c + PixelBytes];
        for (; at < rgbx.Length; at += PixelBytes)
        {
            for (var c = 0; c < _sums.Length; c++)
                _sums[c] += rgbx[at + c];
        }
    }
}
