using EdgeFleet.Shared.Models;

namespace EdgeFleet.Agent.Inference;

/// <summary>What a sample holds.</summary>
internal enum SampleKind
{
    /// <summary>Nothing yet.</summary>
    Empty,

    /// <summary>An encoded image: JPEG or PNG.</summary>
    Image,

    /// <summary>Decoded pixels, as a raw video source gives them.</summary>
    Pixels,

    /// <summary>A window of readings.</summary>
    Window,

    /// <summary>Nothing but why the source could not give it; it counts as failed, so that it is not silently missing.</summary>
    Fault,
}

/// <summary>
/// One input as its source gave it. Reused: a slot rents it from its <see cref="SamplePool"/>, the source fills it, and it goes back once it was answered or
/// dropped. Whoever wants to keep what is in it takes a copy. Its buffers grow to what its source gives and stay, so that a running slot allocates nothing.
/// </summary>
internal sealed class Sample
{
    // A buffer this many times too large, and worth it, is let go: one giant photo must not be paid for ever after.
    private const int SlackMax = 4;
    private const int WorthShrinking = 1024 * 1024;

    private byte[] _image = [];
    private int _imageLength;
    private float[] _window = [];
    private int _windowLength;
    private SampleOrigin _origin;

    /// <summary>Running number in the slot, from 1.</summary>
    public long Number { get; private set; }

    /// <summary>When the source gave it, in ticks of the injected <see cref="TimeProvider"/>'s timestamp.</summary>
    public long CapturedAt { get; private set; }

    /// <summary>What it holds.</summary>
    public SampleKind Kind { get; private set; }

    /// <summary>Where it came from, for messages; made when it is asked for.</summary>
    public string Origin => _origin.ToString();

    /// <summary>JPEG or PNG bytes of a <see cref="SampleKind.Image"/>; empty otherwise.</summary>
    public ReadOnlySpan<byte> Image => Kind == SampleKind.Image ? _image.AsSpan(0, _imageLength) : default;

    /// <summary>The pixels of a <see cref="SampleKind.Pixels"/>; a source resizes and fills them before <see cref="GivePixels"/>.</summary>
    public PixelBuffer Pixels { get; } = new();

    /// <summary>Readings of a <see cref="SampleKind.Window"/> by time, <c>Length x Channels</c>; empty otherwise.</summary>
    public ReadOnlySpan<float> Window => Kind == SampleKind.Window ? _window.AsSpan(0, _windowLength) : default;

    /// <summary>Why the source could not give it whole, in a sentence; null otherwise.</summary>
    public string? Fault { get; private set; }

    /// <summary>Room for an encoded image. Grows; what was written before is kept, so that a stream of unknown length can be read piece by piece.</summary>
    /// <param name="bytes">Least room.</param>
    public Memory<byte> RoomForImage(int bytes)
    {
        if (_image.Length < bytes)
            Array.Resize(ref _image, Math.Max(bytes, 4096));
        return _image;
    }

    /// <summary>Room for a window of readings; the content is undefined.</summary>
    /// <param name="values">Readings by columns.</param>
    public Span<float> RoomForWindow(int values)
    {
        if (_window.Length < values || _window.Length / SlackMax > Math.Max(values, WorthShrinking))
            _window = GC.AllocateUninitializedArray<float>(values);
        return _window.AsSpan(0, values);
    }

    /// <summary>The first bytes of <see cref="RoomForImage"/> are an encoded image.</summary>
    public void GiveImage(int length, SampleOrigin origin)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, _image.Length);
        (Kind, _imageLength, _origin) = (SampleKind.Image, length, origin);
    }

    /// <summary><see cref="Pixels"/> hold an image.</summary>
    public void GivePixels(SampleOrigin origin) => (Kind, _origin) = (SampleKind.Pixels, origin);

    /// <summary>The first values of <see cref="RoomForWindow"/> are a window.</summary>
    public void GiveWindow(int values, SampleOrigin origin)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(values, _window.Length);
        (Kind, _windowLength, _origin) = (SampleKind.Window, values, origin);
    }

    /// <summary>A sample was there and could not be read.</summary>
    public void GiveFault(string why, SampleOrigin origin) => (Kind, Fault, _origin) = (SampleKind.Fault, why, origin);

    /// <summary>Numbers the sample and notes when it was there.</summary>
    public void Stamp(long number, long capturedAt) => (Number, CapturedAt) = (number, capturedAt);

    /// <summary>Takes over what another sample holds, as a copy.</summary>
    /// <param name="other">The other one.</param>
    /// <param name="withPixels">False when the caller fills <see cref="Pixels"/> itself.</param>
    public void CopyFrom(Sample other, bool withPixels = true)
    {
        (Number, CapturedAt, Kind, Fault, _origin) = (other.Number, other.CapturedAt, other.Kind, other.Fault, other._origin);
        other.Image.CopyTo(RoomForImage(other.Image.Length).Span);
        other.Window.CopyTo(RoomForWindow(other.Window.Length));
        (_imageLength, _windowLength) = (other.Image.Length, other.Window.Length);
        if (withPixels && Kind == SampleKind.Pixels)
            Pixels.CopyFrom(other.Pixels);
    }

    /// <summary>Empties it; the buffers stay, unless they are far larger than what was in them last.</summary>
    public void Clear()
    {
        if (Kind == SampleKind.Image && _image.Length > WorthShrinking && _image.Length / SlackMax > _imageLength)
            _image = [];
        (Kind, Fault, _origin, _imageLength, _windowLength) = (SampleKind.Empty, null, default, 0, 0);
    }
}
