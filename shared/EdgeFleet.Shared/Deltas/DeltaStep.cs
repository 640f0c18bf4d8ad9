namespace EdgeFleet.Shared.Deltas;

/// <summary>Where the next bytes of the file after come from.</summary>
public enum DeltaStepKind
{
    /// <summary>They stand in the file before.</summary>
    Copy = 0,

    /// <summary>They are the numbers in the file before and a difference.</summary>
    Difference = 1,

    /// <summary>They stand in the delta.</summary>
    Fresh = 2,
}

/// <summary>One step of a delta.</summary>
/// <param name="Kind">Where the bytes come from.</param>
/// <param name="Bytes">How many it makes.</param>
/// <param name="BaseAt">Where they begin in the file before; 0 for fresh ones.</param>
/// <param name="Width">Bytes of one number: 1, 2, 4 or 8. Differences are of whole numbers of this width, and bytes of equal weight stand together (<see cref="Planes"/>).</param>
/// <param name="IsMasked">Zero bytes are left out, and a mask says which they are.</param>
public readonly record struct DeltaStep(DeltaStepKind Kind, long Bytes, long BaseAt = 0, int Width = 1, bool IsMasked = false)
{

    private const int KindBits = 0b11;
    private const int WidthShift = 2;
    private const int MaskedBit = 1 << 4;

    /// <summary>Where the step ends in the file before.</summary>
    public long BaseEnd => BaseAt + (Kind == DeltaStepKind.Fresh ? 0 : Bytes);

    /// <summary>Writes it.</summary>
    /// <param name="to">Where to.</param>
    /// <param name="baseEnd">Where the last step that read the file before ended.</param>
    public void Write(List<byte> to, long baseEnd)
    {
        to.Add((byte)((int)Kind | (int.Log2(Width) << WidthShift) | (IsMasked ? MaskedBit : 0)));
        WriteNumber(to, (ulong)Bytes);
        if (Kind != DeltaStepKind.Fresh)
            WriteNumber(to, ZigZag(BaseAt - baseEnd));
    }

    /// <summary>Reads one and checks that it stays within the file before.</summary>
    /// <param name="section">The section of steps.</param>
    /// <param name="baseEnd">Where the last step that read the file before ended.</param>
    /// <param name="baseBytes">Bytes of the file before.</param>
    /// <param name="bytesMax">Bytes of the file after that are still to be made.</param>
    /// <exception cref="DeltaException">It is no step, or reaches out of a file.</exception>
    internal static DeltaStep Read(DeltaSection section, long baseEnd, long baseBytes, long bytesMax)
    {
        var form = section.ReadByte();
        var (kind, width, isMasked) = ((DeltaStepKind)(form & KindBits), 1 << ((form >> WidthShift) & 3), (form & MaskedBit) != 0);
        if (form >= MaskedBit << 1 || kind > DeltaStepKind.Fresh || (kind == DeltaStepKind.Copy && form != 0))
            throw new DeltaException(DeltaFault.Malformed, $"A step of the delta has the unknown form {form}.");

        var bytes = ReadNumber(section);
        if (bytes == 0 || bytes > (ulong)bytesMax || bytes % (ulong)width != 0)
            throw new DeltaException(DeltaFault.Malformed, $"A step of the delta makes {bytes} bytes in numbers of {width} where {bytesMax} are left to make.");
        if (kind == DeltaStepKind.Fresh)
            return new DeltaStep(kind, (long)bytes, 0, width, isMasked);

        var distance = ReadNumber(section);
        var baseAt = baseEnd + UnZigZag(distance);
        return baseAt >= 0 && baseAt <= baseBytes && (long)bytes <= baseBytes - baseAt
            ? new DeltaStep(kind, (long)bytes, baseAt, width, isMasked)
            : throw new DeltaException(DeltaFault.Malformed, $"A step of the delta reads {bytes} bytes at {baseAt} of a file of {baseBytes}.");
    }

    private static ulong ZigZag(long value) => (ulong)((value << 1) ^ (value >> 63));

    private static long UnZigZag(ulong value) => (long)(value >> 1) ^ -(long)(value & 1);

    private static void WriteNumber(List<byte> to, ulong value)
    {
        for (; value >= 0x80; value >>= 7)
            to.Add((byte)(value | 0x80));
        to.Add((byte)value);
    }

    // Files have less than 2^31 bytes, so five bytes of seven bits hold every length and distance.
    private static ulong ReadNumber(DeltaSection section)
    {
        ulong value = 0;
        for (var shift = 0; shift < 35; shift += 7)
        {
            var next = section.ReadByte();
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }

        throw new DeltaException(DeltaFault.Malformed, "A number in a step of the delta does not end.");
    }
}
