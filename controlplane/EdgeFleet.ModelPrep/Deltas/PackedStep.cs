using System.IO.Compression;
using EdgeFleet.Shared.Deltas;

namespace EdgeFleet.ModelPrep.Deltas;

/// <summary>A step with its bytes as they go to the sections.</summary>
/// <param name="Step">The step.</param>
/// <param name="Mask">Its mask; empty without.</param>
/// <param name="Values">Its differences or fresh bytes.</param>
internal sealed record PackedStep(DeltaStep Step, byte[] Mask, byte[] Values)
{
    // Enough to tell the forms apart, and fast.
    private const int TrialQuality = 5;

    /// <summary>A step in the form that packs best: as differences or as fresh bytes, with a mask or without.</summary>
    public static PackedStep Best(byte[] before, byte[] after, AlignedRange range)
    {
        var old = before.AsSpan(range.BaseAt, range.Bytes);
        var now = after.AsSpan(range.At, range.Bytes);
        if (old.SequenceEqual(now))
            return new PackedStep(new DeltaStep(DeltaStepKind.Copy, range.Bytes, range.BaseAt), [], []);

        var difference = new DeltaStep(DeltaStepKind.Difference, range.Bytes, range.BaseAt, range.Width);
        var fresh = new DeltaStep(DeltaStepKind.Fresh, range.Bytes, 0, range.Width);
        PackedStep[] forms =
        [
            Of(difference, old, now), Of(difference with { IsMasked = true }, old, now), Of(fresh, old, now), Of(fresh with { Width = 1 }, old, now),
        ];
        return forms.MinBy(f => Packed(f.Mask, TrialQuality).Length + Packed(f.Values, TrialQuality).Length)!;
    }

    /// <summary>A step in a given form.</summary>
    /// <param name="step">The form.</param>
    /// <param name="before">The bytes that it stands beside; not read for fresh ones.</param>
    /// <param name="after">The bytes that it makes.</param>
    public static PackedStep Of(DeltaStep step, ReadOnlySpan<byte> before, ReadOnlySpan<byte> after)
    {
        var values = new byte[after.Length];
        for (var at = 0; at < after.Length; at += Planes.PieceBytes)
        {
            var count = Math.Min(Planes.PieceBytes, after.Length - at);
            var now = after.Slice(at, count);
            var planes = values.AsSpan(at, count);
            if (step.Kind == DeltaStepKind.Fresh)
                Planes.Split(now, planes, step.Width);
            else
                Planes.Subtract(now, before.Slice(at, count), planes, step.Width);
        }

        // A piece is a multiple of eight bytes, so one mask over all of them is the masks of the pieces.
        return step.IsMasked ? new PackedStep(step, MaskOf(values), [.. values.Where(b => b != 0)]) : new PackedStep(step, [], values);
    }

    /// <summary>Bytes as a section of a delta.</summary>
    public static byte[] Packed(byte[] plain, int quality)
    {
        if (plain.Length == 0)
            return [];

        var packed = new byte[BrotliEncoder.GetMaxCompressedLength(plain.Length)];
        return BrotliEncoder.TryCompress(plain, packed, out var length, quality, DeltaSections.WindowBitsMax)
            ? packed[..length]
            : throw new InvalidOperationException($"{plain.Length} bytes did not fit {packed.Length} packed ones.");
    }

    private static byte[] MaskOf(byte[] bytes)
    {
        var mask = new byte[Planes.MaskBytes(bytes.Length)];
        for (var i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] != 0)
                mask[i >> 3] |= (byte)(1 << (i & 7));
        }

        return mask;
    }
}
