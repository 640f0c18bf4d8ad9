using System.Buffers;
using System.Globalization;
using System.Text;

namespace EdgeFleet.Agent.LocalApi;

/// <summary>A request that cannot be answered otherwise than by this status; the connection ends after it.</summary>
internal sealed class RequestException(int status, string message) : Exception(message)
{
    /// <summary>Status to answer with.</summary>
    public int Status => status;
}

/// <summary>Bytes of all bodies that are held at one time, over all connections.</summary>
internal sealed class BodyBudget(long bytesMax)
{
    private long _taken;

    /// <summary>Takes a part of it.</summary>
    /// <exception cref="RequestException">Too much is held already.</exception>
    public void Take(long bytes)
    {
        if (Interlocked.Add(ref _taken, bytes) <= bytesMax)
            return;

        Give(bytes);
        throw new RequestException(503, "Too many bodies arrive at a time; try again.");
    }

    /// <summary>Gives a part back.</summary>
    public void Give(long bytes) => Interlocked.Add(ref _taken, -bytes);
}

/// <summary>Reads requests from a connection, in bounded memory whatever comes.</summary>
internal sealed class RequestReader(Stream stream, int bodyBytesMax, BodyBudget budget) : IDisposable
{
    private const int HeadBytesMax = 8 * 1024;
    private const int ChunkLineBytesMax = 128;

    private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(HeadBytesMax);
    private byte[] _body = [];
    private int _start;
    private int _end;

    /// <summary>Waits for the first byte of a request; false at the end of the connection.</summary>
    public async ValueTask<bool> WaitAsync(CancellationToken cancel) => _end > _start || await FillAsync(cancel);

    /// <summary>Reads a head; null when the connection ends within it.</summary>
    /// <exception cref="RequestException">It is too long or malformed.</exception>
    public async ValueTask<RequestHead?> HeadAsync(CancellationToken cancel)
    {
        int length;
        while ((length = _buffer.AsSpan(_start, _end - _start).IndexOf("\r\n\r\n"u8)) < 0)
        {
            if (_end - _start == _buffer.Length)
                throw new RequestException(431, $"The head of a request may have {HeadBytesMax} bytes.");
            if (!await FillAsync(cancel))
                return null;
        }

        var head = RequestHead.Parse(_buffer.AsSpan(_start, length), out var fault);
        _start += length + 4;
        return head ?? throw new RequestException(400, fault);
    }

    /// <summary>Reads the body that belongs to a head; valid until <see cref="Release"/>.</summary>
    /// <exception cref="RequestException">It is too long or malformed.</exception>
    /// <exception cref="EndOfStreamException">The connection ended within it.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> BodyAsync(RequestHead head, CancellationToken cancel)
    {
        if (head.Length > bodyBytesMax)
            throw TooLong();

        var length = 0;
        if (head.Length is { } known)
            length = await AppendAsync(0, (int)known, cancel);
        else
        {
            while (await ChunkAsync(cancel) is > 0 and var chunk)
            {
                if (length + (long)chunk > bodyBytesMax)
                    throw TooLong();
                length = await AppendAsync(length, chunk, cancel);
                if ((await LineAsync(cancel)).Length > 0)
                    throw new RequestException(400, "A chunk of the body is longer than it says.");
            }

            // Fields after the last chunk are read and left.
            while ((await LineAsync(cancel)).Length > 0)
            {
            }
        }

        return _body.AsMemory(0, length);
    }

    /// <summary>Lets go of the body.</summary>
    public void Release()
    {
        if (_body.Length == 0)
            return;

        budget.Give(_body.Length);
        ArrayPool<byte>.Shared.Return(_body);
        _body = [];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Release();
        ArrayPool<byte>.Shared.Return(_buffer);
    }

    private async ValueTask<int> ChunkAsync(CancellationToken cancel)
    {
        var line = await LineAsync(cancel);
        return int.TryParse(line.Split(';')[0].Trim(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var size) && size >= 0
            ? size
            : throw new RequestException(400, "The length of a chunk is no hexadecimal number.");
    }

    private async ValueTask<string> LineAsync(CancellationToken cancel)
    {
        int length;
        while ((length = _buffer.AsSpan(_start, _end - _start).IndexOf("\r\n"u8)) < 0)
        {
            if (_end - _start > ChunkLineBytesMax)
                throw new RequestException(400, "A line between the chunks of the body is too long.");
            if (!await FillAsync(cancel))
                throw new EndOfStreamException();
        }

        var line = Encoding.ASCII.GetString(_buffer.AsSpan(_start, length));
        _start += length + 2;
        return line;
    }

    // Grows with what has come and not with what was promised.
    private async ValueTask<int> AppendAsync(int at, int count, CancellationToken cancel)
    {
        var end = at + count;
        while (at < end)
        {
            if (_end == _start && !await FillAsync(cancel))
                throw new EndOfStreamException();

            var more = Math.Min(_end - _start, end - at);
            Grow(at, at + more, end);
            _buffer.AsSpan(_start, more).CopyTo(_body.AsSpan(at));
            (_start, at) = (_start + more, at + more);
        }

        return at;
    }

    private void Grow(int kept, int needed, int expected)
    {
        if (_body.Length >= needed)
            return;

        var size = Math.Min(Math.Max(needed, 2 * _body.Length), Math.Max(needed, expected));
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(size, HeadBytesMax));
        try
        {
            budget.Take(larger.Length);
        }
        catch (RequestException)
        {
            ArrayPool<byte>.Shared.Return(larger);
            throw;
        }

        _body.AsSpan(0, kept).CopyTo(larger);
        Release();
        _body = larger;
    }

    private async ValueTask<bool> FillAsync(CancellationToken cancel)
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancel);
        _end += read;
        return read > 0;
    }

    private RequestException TooLong() => new(413, $"The body of a request may have {bodyBytesMax} bytes: LocalApi:BodyBytesMax.");
}
