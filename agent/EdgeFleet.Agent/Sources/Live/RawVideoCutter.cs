using System.Globalization;

namespace EdgeFleet.Agent.Sources.Live;

/// <summary>Cuts raw video into frames of a fixed number of bytes. There is no mark between frames, so a program that states another size gives skewed pictures, and only a person sees it.</summary>
internal sealed class RawVideoCutter(LatestFrame latest, int frameBytes) : IStreamCutter
{
    private long _bytesSince;

    /// <inheritdoc/>
    public long Whole { get; private set; }

    /// <inheritdoc/>
    public void Feed(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var count = Math.Min(frameBytes - latest.Writing.Length, bytes.Length);
            latest.Writing.Append(bytes[..count]);
            bytes = bytes[count..];
            _bytesSince += count;
            if (latest.Writing.Length < frameBytes)
                continue;

            Whole++;
            _bytesSince = 0;
            latest.Publish();
        }
    }

    /// <inheritdoc/>
    public void Restart()
    {
        latest.Writing.Clear();
        _bytesSince = 0;
    }

    /// <inheritdoc/>
    public string Complaint() => _bytesSince == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"It sent {_bytesSince} bytes; a frame of the stated size has {frameBytes}.");
}
