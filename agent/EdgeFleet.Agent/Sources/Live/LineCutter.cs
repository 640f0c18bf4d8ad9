using System.Globalization;
using System.Text;

namespace EdgeFleet.Agent.Sources.Live;

/// <summary>Cuts a stream into lines of readings. A line that is too long is passed to its end and counted as one that cannot be used.</summary>
internal sealed class LineCutter(WindowGatherer into, IReadingParser parser, int lineBytesMax) : IStreamCutter
{
    private const int CharsTold = 80;

    private readonly byte[] _last = new byte[CharsTold];
    private byte[] _line = [];
    private int _length;
    private int _lastLength;
    private bool _isTooLong;
    private long _linesSince;
    private long _rowsBefore;

    /// <inheritdoc/>
    public long Whole => into.Rows;

    /// <inheritdoc/>
    public void Feed(ReadOnlySpan<byte> bytes)
    {
        while (bytes.IndexOf((byte)'\n') is >= 0 and var end)
        {
            End(bytes[..end]);
            bytes = bytes[(end + 1)..];
        }

        Keep(bytes);
    }

    /// <inheritdoc/>
    public void Restart()
    {
        into.Restart();
        (_length, _isTooLong, _linesSince, _rowsBefore) = (0, false, 0, into.Rows);
    }

    /// <inheritdoc/>
    public string Complaint() => _linesSince == 0
        ? _length == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"It sent {_length} bytes without the end of a line.")
        : string.Create(CultureInfo.InvariantCulture, $"It sent {_linesSince} lines without a usable reading; the last begins '{Encoding.UTF8.GetString(_last.AsSpan(0, _lastLength))}'.");

    private void End(ReadOnlySpan<byte> rest)
    {
        if (_length == 0 && !_isTooLong)
        {
            Parse(rest);
            return;
        }

        Keep(rest);
        if (_isTooLong)
            into.Skip();
        else
            Parse(_line.AsSpan(0, _length));
        (_length, _isTooLong) = (0, false);
    }

    private void Parse(ReadOnlySpan<byte> line)
    {
        if (line.Length > lineBytesMax)
        {
            into.Skip();
            return;
        }

        if (line.Trim(" \t\r"u8).Length == 0)
            return;

        parser.Parse(line);
        _linesSince = into.Rows == _rowsBefore ? _linesSince + 1 : 0;
        _rowsBefore = into.Rows;
        if (_linesSince == 0)
            return;

        _lastLength = Math.Min(line.Length, CharsTold);
        line[.._lastLength].CopyTo(_last);
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        if (_isTooLong || bytes.Length == 0)
            return;
        if (_length + bytes.Length > lineBytesMax)
        {
            (_isTooLong, _length) = (true, 0);
            return;
        }

        if (_line.Length < _length + bytes.Length)
            Array.Resize(ref _line, Math.Max(_length + bytes.Length, Math.Max(2 * _line.Length, 1024)));
        bytes.CopyTo(_line.AsSpan(_length));
        _length += bytes.Length;
    }
}
