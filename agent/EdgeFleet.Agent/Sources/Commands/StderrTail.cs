using System.Text;

namespace EdgeFleet.Agent.Sources.Commands;

/// <summary>The last of what a program wrote to standard error, for a warning; whatever it writes, the memory stays the same.</summary>
internal sealed class StderrTail
{
    private const int BytesMax = 2048;
    private const int CharsTold = 300;
    private readonly byte[] _ring = new byte[BytesMax];
    private long _written;

    /// <summary>Adds what came.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        _written += bytes.Length;
        if (bytes.Length > BytesMax)
            bytes = bytes[^BytesMax..];
        for (var i = 0; i < bytes.Length; i++)
            _ring[(_written - bytes.Length + i) % BytesMax] = bytes[i];
    }

    /// <summary>Forgets it all.</summary>
    public void Clear() => _written = 0;

    /// <summary>The last lines as one; empty when nothing was written.</summary>
    public override string ToString()
    {
        var count = (int)Math.Min(_written, BytesMax);
        var bytes = new byte[count];
        for (var i = 0; i < count; i++)
            bytes[i] = _ring[(_written - count + i) % BytesMax];
        var text = string.Join(' ', Encoding.UTF8.GetString(bytes).Split(['\n', '\r'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        var plain = string.Concat(text.Where(c => !char.IsControl(c)));
        return plain.Length > CharsTold ? plain[^CharsTold..] : plain;
    }
}
