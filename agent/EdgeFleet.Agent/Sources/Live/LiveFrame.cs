namespace EdgeFleet.Agent.Sources.Live;

/// <summary>A frame or a window on its way from a stream to its slot. Its buffers are reused; who writes it and who reads it is decided by <see cref="LatestFrame"/>.</summary>
internal sealed class LiveFrame
{
    private byte[] _bytes = [];
    private float[] _values = [];

    /// <summary>Running number in the source, from 1.</summary>
    public long Number { get; set; }

    /// <summary>When it was whole, in ticks of the injected clock's timestamp.</summary>
    public long CompleteAt { get; set; }

    /// <summary>Bytes that count in <see cref="Bytes"/>.</summary>
    public int Length { get; private set; }

    /// <summary>Readings that could not be used since the frame before.</summary>
    public int RowsSkipped { get; set; }

    /// <summary>Encoded image, or the raw pixels of a video frame.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, Length);

    /// <summary>A window of readings.</summary>
    public ReadOnlySpan<float> Values => _values;

    /// <summary>Empties it and keeps the buffers.</summary>
    public void Clear() => (Length, RowsSkipped) = (0, 0);

    /// <summary>Adds bytes at the end; the caller has looked that they are not too many.</summary>
    public void Append(ReadOnlySpan<byte> more)
    {
        if (_bytes.Length < Length + more.Length)
            Array.Resize(ref _bytes, Math.Max(Length + more.Length, Math.Max(2 * _bytes.Length, 64 * 1024)));
        more.CopyTo(_bytes.AsSpan(Length));
        Length += more.Length;
    }

    /// <summary>Takes a window over as a copy.</summary>
    public void SetValues(ReadOnlySpan<float> values)
    {
        if (_values.Length != values.Length)
            _values = new float[values.Length];
        values.CopyTo(_values);
    }
}
