using System.Buffers.Binary;
using EdgeFleet.Shared.Identity;

namespace EdgeFleet.Shared.Deltas;

/// <summary>The first bytes of a delta: from which file to which, and how long its sections are. Numbers are little endian.</summary>
public sealed record DeltaHeader
{
    /// <summary>Bytes of a header.</summary>
    public const int Bytes = 4 + (2 * HalfBytes) + (DeltaSections.Count * SectionBytes);

    /// <summary>The largest file, before or after, in bytes.</summary>
    public const int FileBytesMax = int.MaxValue;

    private const int DigestBytes = 32;
    private const int HalfBytes = 4 + DigestBytes;
    private const int SectionBytes = 8;

    /// <summary>Digest of the file before.</summary>
    public required Sha256Digest Base { get; init; }

    /// <summary>Bytes of the file before.</summary>
    public required long BaseBytes { get; init; }

    /// <summary>Digest of the file after.</summary>
    public required Sha256Digest Target { get; init; }

    /// <summary>Bytes of the file after.</summary>
    public required long TargetBytes { get; init; }

    /// <summary>The sections in their order.</summary>
    public required IReadOnlyList<DeltaSectionSize> Sections { get; init; }

    private static ReadOnlySpan<byte> Magic => "EFD1"u8;

    /// <summary>Writes it.</summary>
    public byte[] Write()
    {
        var bytes = new byte[Bytes];
        Magic.CopyTo(bytes);
        var at = WriteHalf(bytes, WriteHalf(bytes, Magic.Length, BaseBytes, Base), TargetBytes, Target);
        foreach (var section in Sections)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at), checked((uint)section.Packed));
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at + 4), checked((uint)section.Plain));
            at += SectionBytes;
        }

        return bytes;
    }

    /// <summary>Reads it.</summary>
    /// <param name="bytes">The first <see cref="Bytes"/> of the delta, or all of a shorter one.</param>
    /// <param name="deltaBytes">Bytes of the whole delta.</param>
    /// <exception cref="DeltaException">It is none, or its sections do not make up the delta.</exception>
    public static DeltaHeader Read(ReadOnlySpan<byte> bytes, long deltaBytes)
    {
        if (bytes.Length < Bytes || !bytes.StartsWith(Magic))
            throw new DeltaException(DeltaFault.NotADelta, $"{deltaBytes} bytes that do not begin as a delta of this form do.");

        var ((baseBytes, from), (targetBytes, to)) = (ReadHalf(bytes[4..]), ReadHalf(bytes[(4 + HalfBytes)..]));
        var sections = new DeltaSectionSize[DeltaSections.Count];
        for (var i = 0; i < sections.Length; i++)
        {
            var section = bytes[(4 + (2 * HalfBytes) + (i * SectionBytes))..];
            sections[i] = new DeltaSectionSize(BinaryPrimitives.ReadUInt32LittleEndian(section), BinaryPrimitives.ReadUInt32LittleEndian(section[4..]));
        }

        if (baseBytes > FileBytesMax || targetBytes > FileBytesMax)
            throw new DeltaException(DeltaFault.TooLarge, $"The delta is for files of {baseBytes} and {targetBytes} bytes; at most {FileBytesMax} are known.");
        if (sections.Sum(s => s.Packed) + Bytes != deltaBytes)
            throw new DeltaException(DeltaFault.Malformed, $"The delta has {deltaBytes} bytes; its sections make {sections.Sum(s => s.Packed) + Bytes}.");

        return new DeltaHeader { Base = from, BaseBytes = baseBytes, Target = to, TargetBytes = targetBytes, Sections = sections };
    }

    private static int WriteHalf(Span<byte> bytes, int at, long length, Sha256Digest digest)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[at..], checked((uint)length));
        Convert.FromHexString(digest.Value).CopyTo(bytes[(at + 4)..]);
        return at + HalfBytes;
    }

    private static (long Bytes, Sha256Digest Digest) ReadHalf(ReadOnlySpan<byte> bytes) =>
        (BinaryPrimitives.ReadUInt32LittleEndian(bytes), Sha256Digest.FromHash(bytes.Slice(4, DigestBytes)));
}

/// <summary>Length of a section.</summary>
/// <param name="Packed">Bytes in the delta.</param>
/// <param name="Plain">Bytes that it unpacks to.</param>
public readonly record struct DeltaSectionSize(long Packed, long Plain);

/// <summary>The sections of a delta, each a Brotli stream of its own, or nothing.</summary>
public static class DeltaSections
{
    /// <summary>What to do: <see cref="DeltaStep"/>s one after another.</summary>
    public const int Steps = 0;

    /// <summary>A bit for every byte of the masked steps: whether it is not zero.</summary>
    public const int Masks = 1;

    /// <summary>Bytes of differences.</summary>
    public const int Differences = 2;

    /// <summary>Bytes that are new.</summary>
    public const int Fresh = 3;

    /// <summary>How many there are.</summary>
    public const int Count = 4;

    /// <summary>The widest window that a section may ask for, as a power of two: it is what unpacking costs in memory.</summary>
    public const int WindowBitsMax = 20;
}
