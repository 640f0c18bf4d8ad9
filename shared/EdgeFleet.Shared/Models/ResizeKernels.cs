using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace EdgeFleet.Shared.Models;

/// <summary>
/// The inner loops of a resize over pixels of four bytes, in vectors of 256 bits where the CPU has them, else of 128. Whole numbers throughout: every CPU gives the
/// same bytes. Buffers have <see cref="PixelBuffer.PastTheEnd"/> bytes behind what is asked of them, so that the last vector may reach past it.
/// </summary>
internal static unsafe class ResizeKernels
{
    private const int PixelBytes = ColumnWeights.Lanes;

    /// <summary>Narrows or widens one row, four results at a time.</summary>
    /// <param name="row">Begins with the row.</param>
    /// <param name="columns">Weights by column.</param>
    /// <param name="into">Room for the result.</param>
    /// <param name="width">Pixels of the result.</param>
    public static void Narrow(ReadOnlySpan<byte> row, ColumnWeights columns, Span<byte> into, int width)
    {
        var count = columns.Taps * PixelBytes;
        fixed (byte* from = row, to = into)
        {
            fixed (int* firsts = columns.Firsts, weights = columns.Weights)
            {
                var x = 0;
                var w = weights;
                for (; x <= width - 4; x += 4, w += 4 * count)
                {
                    byte* a = from + firsts[x] * PixelBytes, b = from + firsts[x + 1] * PixelBytes, c = from + firsts[x + 2] * PixelBytes, d = from + firsts[x + 3] * PixelBytes;
                    (Avx2.IsSupported ? Four256(a, b, c, d, w, count) : ToBytes(Sum128(a, w, count), Sum128(b, w + count, count), Sum128(c, w + 2 * count, count), Sum128(d, w + 3 * count, count)))
                        .Store(to + x * PixelBytes);
                }

                for (; x < width; x++, w += count)
                {
                    var sum = Sum128(from + firsts[x] * PixelBytes, w, count);
                    ((uint*)to)[x] = ToBytes(sum, sum, sum, sum).AsUInt32().ToScalar();
                }
            }
        }
    }

    /// <summary>Mixes rows by their weights into one.</summary>
    /// <param name="rows">Holds the rows.</param>
    /// <param name="places">Where in it each row begins.</param>
    /// <param name="weights">A weight a row.</param>
    /// <param name="into">The result.</param>
    /// <param name="bytes">Bytes of a row.</param>
    public static void Blend(ReadOnlySpan<byte> rows, ReadOnlySpan<int> places, ReadOnlySpan<int> weights, Span<byte> into, int bytes)
    {
        fixed (byte* from = rows, to = into)
        {
            fixed (int* at = places, w = weights)
            {
                if (Avx512F.IsSupported)
                {
                    for (var i = 0; i < bytes; i += 64)
                        Blend512(from + i, at, w, places.Length, to + i);
                }
                else if (Avx2.IsSupported)
                {
                    for (var i = 0; i < bytes; i += 32)
                        Blend256(from + i, at, w, places.Length, to + i);
                }
                else
                {
                    for (var i = 0; i < bytes; i += 16)
                        Blend128(from + i, at, w, places.Length).Store(to + i);
                }
            }
        }
    }

    // Two pixels at a time fill a vector; the halves are added at the end.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Four256(byte* a, byte* b, byte* c, byte* d, int* weights, nint count)
    {
        int* weightsB = weights + count, weightsC = weightsB + count, weightsD = weightsC + count;
        var half = Vector256.Create(Vector128.Create(ResizeTable.Half), Vector128<int>.Zero);
        var (sumA, sumB, sumC, sumD) = (half, half, half, half);
        for (nint k = 0; k < count; k += 2 * PixelBytes)
        {
            sumA += Avx2.ConvertToVector256Int32(a + k) * Vector256.Load(weights + k);
            sumB += Avx2.ConvertToVector256Int32(b + k) * Vector256.Load(weightsB + k);
            sumC += Avx2.ConvertToVector256Int32(c + k) * Vector256.Load(weightsC + k);
            sumD += Avx2.ConvertToVector256Int32(d + k) * Vector256.Load(weightsD + k);
        }

        return ToBytes(sumA.GetLower() + sumA.GetUpper(), sumB.GetLower() + sumB.GetUpper(), sumC.GetLower() + sumC.GetUpper(), sumD.GetLower() + sumD.GetUpper());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Sum128(byte* at, int* weights, int count)
    {
        var sum = Vector128.Create(ResizeTable.Half);
        for (var k = 0; k < count; k += 2 * ColumnWeights.Lanes)
        {
            var (first, second) = Vector128.Widen(Vector128.WidenLower(Vector128.CreateScalarUnsafe(*(ulong*)(at + k)).AsByte()));
            sum += first.AsInt32() * Vector128.Load(weights + k);
            sum += second.AsInt32() * Vector128.Load(weights + k + ColumnWeights.Lanes);
        }

        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Blend512(byte* at, int* places, int* weights, int rows, byte* to)
    {
        var half = Vector512.Create(ResizeTable.Half);
        var (a, b, c, d) = (half, half, half, half);
        for (var k = 0; k < rows; k++)
        {
            var row = at + places[k];
            var w = Vector512.Create(weights[k]);
            a += Avx512F.ConvertToVector512Int32(Vector128.Load(row)) * w;
            b += Avx512F.ConvertToVector512Int32(Vector128.Load(row + 16)) * w;
            c += Avx512F.ConvertToVector512Int32(Vector128.Load(row + 32)) * w;
            d += Avx512F.ConvertToVector512Int32(Vector128.Load(row + 48)) * w;
        }

        Avx512F.ConvertToVector128Byte(a >> ResizeTable.Bits).Store(to);
        Avx512F.ConvertToVector128Byte(b >> ResizeTable.Bits).Store(to + 16);
        Avx512F.ConvertToVector128Byte(c >> ResizeTable.Bits).Store(to + 32);
        Avx512F.ConvertToVector128Byte(d >> ResizeTable.Bits).Store(to + 48);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Blend256(byte* at, int* places, int* weights, int rows, byte* to)
    {
        var half = Vector256.Create(ResizeTable.Half);
        var (a, b, c, d) = (half, half, half, half);
        for (var k = 0; k < rows; k++)
        {
            var row = at + places[k];
            var w = Vector256.Create(weights[k]);
            a += Avx2.ConvertToVector256Int32(row) * w;
            b += Avx2.ConvertToVector256Int32(row + 8) * w;
            c += Avx2.ConvertToVector256Int32(row + 16) * w;
            d += Avx2.ConvertToVector256Int32(row + 24) * w;
        }

        ToBytes(a.GetLower(), a.GetUpper(), b.GetLower(), b.GetUpper()).Store(to);
        ToBytes(c.GetLower(), c.GetUpper(), d.GetLower(), d.GetUpper()).Store(to + 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Blend128(byte* at, int* places, int* weights, int rows)
    {
        var half = Vector128.Create(ResizeTable.Half);
        var (a, b, c, d) = (half, half, half, half);
        for (var k = 0; k < rows; k++)
        {
            var w = Vector128.Create(weights[k]);
            var (low, high) = Vector128.Widen(Vector128.Load(at + places[k]));
            var (low0, low1) = Vector128.Widen(low);
            var (high0, high1) = Vector128.Widen(high);
            a += low0.AsInt32() * w;
            b += low1.AsInt32() * w;
            c += high0.AsInt32() * w;
            d += high1.AsInt32() * w;
        }

        return ToBytes(a, b, c, d);
    }

    // The sums are of 0 to 255 and a half, since weights are not negative and add up to 1: nothing is to be clamped.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> ToBytes(Vector128<int> a, Vector128<int> b, Vector128<int> c, Vector128<int> d)
    {
        var (ab, cd) = Sse41.IsSupported
            ? (Sse41.PackUnsignedSaturate(a >> ResizeTable.Bits, b >> ResizeTable.Bits), Sse41.PackUnsignedSaturate(c >> ResizeTable.Bits, d >> ResizeTable.Bits))
            : (Vector128.Narrow((a >> ResizeTable.Bits).AsUInt32(), (b >> ResizeTable.Bits).AsUInt32()), Vector128.Narrow((c >> ResizeTable.Bits).AsUInt32(), (d >> ResizeTable.Bits).AsUInt32()));
        return Sse41.IsSupported ? Sse2.PackUnsignedSaturate(ab.AsInt16(), cd.AsInt16()) : Vector128.Narrow(ab, cd);
    }
}
