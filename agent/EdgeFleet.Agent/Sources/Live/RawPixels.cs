using EdgeFleet.Shared.Models;

namespace EdgeFleet.Agent.Sources.Live;

/// <summary>How the pixels of raw video lie in memory. Names as ffmpeg gives them.</summary>
internal enum RawFormat
{
    /// <summary>Red, green, blue.</summary>
    Rgb24,

    /// <summary>Blue, green, red.</summary>
    Bgr24,

    /// <summary>Brightness alone.</summary>
    Gray8,

    /// <summary>Brightness, then both colour differences interleaved at half the size.</summary>
    Nv12,

    /// <summary>Brightness, then one colour difference after the other at half the size; I420 in other programs.</summary>
    Yuv420P,
}

/// <summary>Size and form of raw video frames, and their way to pixels as the decoder of JPEG gives them.</summary>
/// <param name="Format">Order of the bytes.</param>
/// <param name="Width">Width in pixels; even for the formats with halved colours.</param>
/// <param name="Height">Height in pixels; likewise.</param>
/// <param name="IsFullRange">Brightness runs from 0 to 255 (as in JPEG) and not from 16 to 235 (as in video).</param>
internal sealed record RawPixels(RawFormat Format, int Width, int Height, bool IsFullRange)
{
    // ITU-R BT.601 in 16.16 fixed point: R = y + 1.402 v, G = y - 0.344136 u - 0.714136 v, B = y + 1.772 u; for the video range y grows by 255/219, colours by 255/224.
    private const double RedV = 1.402;
    private const double GreenU = 0.344136;
    private const double GreenV = 0.714136;
    private const double BlueU = 1.772;
    private const int One = 1 << 16;

    /// <summary>Bytes of a frame.</summary>
    public int FrameBytes => Format switch
    {
        RawFormat.Rgb24 or RawFormat.Bgr24 => Width * Height * 3,
        RawFormat.Gray8 => Width * Height,
        _ => Width * Height * 3 / 2,
    };

    /// <summary>Turns a frame into pixels.</summary>
    public void Convert(ReadOnlySpan<byte> frame, PixelBuffer into)
    {
        into.Resize(Width, Height);
        switch (Format)
        {
            case RawFormat.Rgb24:
                Packed(frame, into.Rgbx, red: 0, blue: 2);
                break;
            case RawFormat.Bgr24:
                Packed(frame, into.Rgbx, red: 2, blue: 0);
                break;
            case RawFormat.Gray8:
                Gray(frame, into.Rgbx);
                break;
            default:
                HalvedColours(frame, into.Rgbx);
                break;
        }
    }

    private static void Packed(ReadOnlySpan<byte> from, Span<byte> to, int red, int blue)
    {
        for (var (i, o) = (0, 0); o < to.Length; i += 3, o += 4)
        {
            var pixel = from.Slice(i, 3);
            (to[o], to[o + 1], to[o + 2], to[o + 3]) = (pixel[red], pixel[1], pixel[blue], 255);
        }
    }

    private static void Gray(ReadOnlySpan<byte> from, Span<byte> to)
    {
        for (var i = 0; i < from.Length; i++)
            to.Slice(i * 4, 3).Fill(from[i]);
        for (var o = 3; o < to.Length; o += 4)
            to[o] = 255;
    }

    private void HalvedColours(ReadOnlySpan<byte> frame, Span<byte> to)
    {
        var y = frame[..(Width * Height)];
        var colours = frame[(Width * Height)..];
        var (halfWidth, planar) = (Width / 2, Format == RawFormat.Yuv420P);
        var (black, grow) = IsFullRange ? (0, One) : (16, (int)(One * 255.0 / 219));
        var colourGrow = IsFullRange ? 1.0 : 255.0 / 224;
        var (rv, gu, gv, bu) = ((int)(One * RedV * colourGrow), (int)(One * GreenU * colourGrow), (int)(One * GreenV * colourGrow), (int)(One * BlueU * colourGrow));
        var plane = halfWidth * (Height / 2);
        for (var row = 0; row < Height; row++)
        {
            for (var x = 0; x < Width; x++)
            {
                var at = (row / 2 * halfWidth) + (x / 2);
                var u = (planar ? colours[at] : colours[2 * at]) - 128;
                var v = (planar ? colours[plane + at] : colours[(2 * at) + 1]) - 128;
                var light = ((y[(row * Width) + x] - black) * grow) + (One / 2);
                var o = ((row * Width) + x) * 4;
                to[o] = Clamp(light + (rv * v));
                to[o + 1] = Clamp(light - (gu * u) - (gv * v));
                to[o + 2] = Clamp(light + (bu * u));
                to[o + 3] = 255;
            }
        }
    }

    private static byte Clamp(int fixedPoint) => (byte)Math.Clamp(fixedPoint >> 16, 0, 255);
}
