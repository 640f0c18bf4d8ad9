namespace EdgeFleet.Shared.Models;

/// <summary>Pixels of a decoded image: 4 bytes each (red, green, blue, unused), rows without padding. The buffer is reused by the next decode.</summary>
public sealed class PixelBuffer
{
    /// <summary>Bytes behind the last pixel that vector code may read, for nothing.</summary>
    internal const int PastTheEnd = 64;

    private const int SlackMax = 4;
    private const int WorthShrinking = 1024 * 1024;

    private byte[] _rgbx = new byte[PastTheEnd];

    /// <summary>Width in pixels.</summary>
    public int Width { get; private set; }

    /// <summary>Height in pixels.</summary>
    public int Height { get; private set; }

    /// <summary>The pixels, <c>Width * Height * 4</c> bytes.</summary>
    public Span<byte> Rgbx => _rgbx.AsSpan(0, Width * Height * 4);

    /// <summary>The pixels and the bytes that may be read past them.</summary>
    internal ReadOnlySpan<byte> PaddedRgbx => _rgbx.AsSpan(0, Width * Height * 4 + PastTheEnd);

    /// <summary>Makes room for an image; the content is undefined. A buffer far too large is let go: one giant photo must not be paid for ever after.</summary>
    public void Resize(int width, int height)
    {
        (Width, Height) = (width, height);
        var bytes = width * height * 4;
        if (_rgbx.Length < bytes + PastTheEnd || _rgbx.Length / SlackMax > Math.Max(bytes, WorthShrinking))
            _rgbx = GC.AllocateUninitializedArray<byte>(bytes + PastTheEnd, pinned: true);
    }

    /// <summary>Takes over another image, as a copy.</summary>
    public void CopyFrom(PixelBuffer other)
    {
        Resize(other.Width, other.Height);
        other.Rgbx.CopyTo(Rgbx);
    }
}
