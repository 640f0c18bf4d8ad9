using System.Globalization;

namespace EdgeFleet.Agent.Sources.Live;

/// <summary>
/// Cuts MJPEG into JPEG files by their markers (ITU-T T.81, annex B): segments are passed by their length, so that the thumbnail inside one ends nothing; in
/// entropy-coded data only a marker that is neither stuffed nor a restart counts. What stands between the images, such as multipart headers, is left out.
/// </summary>
internal sealed class MjpegCutter(LatestFrame latest, SourceCounters counters, int frameBytesMax) : IStreamCutter
{
    private const byte Prefix = 0xFF;
    private const byte StartOfImage = 0xD8;
    private const byte EndOfImage = 0xD9;
    private const byte StartOfScan = 0xDA;
    private const byte Temporary = 0x01;
    private const byte FirstRestart = 0xD0;
    private const byte LastRestart = 0xD7;

    private At _at = At.Outside;
    private bool _isScan;
    private int _length;
    private long _bytesSince;
    private int _brokenSince;

    private enum At
    {
        // Looking for FF D8.
        Outside,
        OutsidePrefix,
        // Between segments: an FF must come, then the marker.
        Marker,
        MarkerCode,
        LengthHigh,
        LengthLow,
        Segment,
        // Entropy-coded data after a scan's header.
        Scan,
        ScanPrefix,
    }

    /// <inheritdoc/>
    public long Whole { get; private set; }

    /// <inheritdoc/>
    public void Feed(ReadOnlySpan<byte> bytes)
    {
        _bytesSince += bytes.Length;
        while (bytes.Length > 0)
        {
            var taken = _at switch
            {
                At.Outside => PassUntilPrefix(bytes),
                At.Segment => CopySegment(bytes),
                At.Scan => CopyScan(bytes),
                _ => Step(bytes[0]),
            };
            bytes = bytes[taken..];
        }
    }

    /// <inheritdoc/>
    public void Restart()
    {
        _at = At.Outside;
        latest.Writing.Clear();
        (_bytesSince, _brokenSince) = (0, 0);
    }

    /// <inheritdoc/>
    public string Complaint() => _bytesSince == 0 ? "" : string.Create(CultureInfo.InvariantCulture,
        $"It sent {_bytesSince} bytes in which there is no whole JPEG{(_brokenSince > 0 ? $", {_brokenSince} broken or larger than {frameBytesMax} bytes" : "")}.");

    private int PassUntilPrefix(ReadOnlySpan<byte> bytes)
    {
        var at = bytes.IndexOf(Prefix);
        if (at < 0)
            return bytes.Length;

        _at = At.OutsidePrefix;
        return at + 1;
    }

    private int CopySegment(ReadOnlySpan<byte> bytes)
    {
        var count = Math.Min(_length, bytes.Length);
        if (!Keep(bytes[..count]))
            return count;
        _length -= count;
        if (_length == 0)
            _at = _isScan ? At.Scan : At.Marker;
        return count;
    }

    private int CopyScan(ReadOnlySpan<byte> bytes)
    {
        var at = bytes.IndexOf(Prefix);
        var count = at < 0 ? bytes.Length : at + 1;
        if (Keep(bytes[..count]) && at >= 0)
            _at = At.ScanPrefix;
        return count;
    }

    private int Step(byte value)
    {
        switch (_at)
        {
            case At.OutsidePrefix:
                if (value == StartOfImage)
                    Begin();
                else if (value != Prefix)
                    _at = At.Outside;
                return 1;
            case At.ScanPrefix when value is 0 or (>= FirstRestart and <= LastRestart):
                _at = KeepByte(value) ? At.Scan : _at;
                return 1;
            case At.Marker when value == Prefix:
                _at = KeepByte(value) ? At.MarkerCode : _at;
                return 1;
            case At.ScanPrefix or At.MarkerCode:
                return Code(value);
            case At.LengthHigh:
                _length = value << 8;
                _at = KeepByte(value) ? At.LengthLow : _at;
                return 1;
            case At.LengthLow:
                _length = (_length | value) - 2;
                if (_length < 0)
                    return Break();
                if (KeepByte(value))
                    _at = _length > 0 ? At.Segment : _isScan ? At.Scan : At.Marker;
                return 1;
            default:
                // Something else than a marker where one must be.
                return Break();
        }
    }

    // A marker's second byte.
    private int Code(byte value)
    {
        switch (value)
        {
            case Prefix:
                // Fill bytes before a marker are allowed.
                KeepByte(value);
                return 1;
            case StartOfImage:
                // The last frame was cut off and the next begins: cameras do this when the link falters.
                Broken();
                Begin();
                return 1;
            case EndOfImage:
                if (KeepByte(value))
                    Finish();
                return 1;
            case 0:
                return Break();
            case Temporary or (>= FirstRestart and <= LastRestart):
                _at = KeepByte(value) ? At.Marker : _at;
                return 1;
            default:
                _isScan = value == StartOfScan;
                _at = KeepByte(value) ? At.LengthHigh : _at;
                return 1;
        }
    }

    private void Begin()
    {
        latest.Writing.Clear();
        latest.Writing.Append([Prefix, StartOfImage]);
        _at = At.Marker;
    }

    private void Finish()
    {
        Whole++;
        (_bytesSince, _brokenSince) = (0, 0);
        _at = At.Outside;
        latest.Publish();
    }

    private bool KeepByte(byte value) => Keep([value]);

    // False when the frame grew too large and was given up.
    private bool Keep(ReadOnlySpan<byte> bytes)
    {
        if (latest.Writing.Length + bytes.Length <= frameBytesMax)
        {
            latest.Writing.Append(bytes);
            return true;
        }

        Broken();
        return false;
    }

    // The byte at which it broke is looked at again from outside: it may begin the next image.
    private int Break()
    {
        Broken();
        return 0;
    }

    private void Broken()
    {
        _brokenSince++;
        counters.AddUnusable();
        latest.Writing.Clear();
        _at = At.Outside;
    }
}
