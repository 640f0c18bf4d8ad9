using System.Security.Cryptography;
using EdgeFleet.Shared.Identity;
using Microsoft.Win32.SafeHandles;

namespace EdgeFleet.Shared.Deltas;

/// <summary>
/// The file after, read from the file before and a delta on disk. Whatever the sizes of the three, it holds three pieces of <see cref="Planes.PieceBytes"/>, and four
/// Brotli decoders with windows of a megabyte: below 16 MB in all. The end of the stream is reached only if every byte of the file is what the delta promises.
/// </summary>
public sealed class DeltaStream : Stream
{
    private readonly SafeFileHandle _base;
    private readonly SafeFileHandle _delta;
    private readonly DeltaSection[] _sections;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] _piece = new byte[Planes.PieceBytes];
    private readonly byte[] _planes = new byte[Planes.PieceBytes];
    private readonly byte[] _before = new byte[Planes.PieceBytes];
    private readonly byte[] _mask = new byte[Planes.MaskBytes(Planes.PieceBytes)];
    private DeltaStep _step;
    private long _baseEnd;
    private long _made;
    private (int From, int To) _ready;
    private bool _isChecked;

    private DeltaStream(DeltaHeader header, SafeFileHandle before, SafeFileHandle delta, DeltaSection[] sections) =>
        (Header, _base, _delta, _sections) = (header, before, delta, sections);

    /// <summary>From which file to which.</summary>
    public DeltaHeader Header { get; }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <summary>Bytes of the file after.</summary>
    public override long Length => Header.TargetBytes;

    /// <inheritdoc/>
    public override long Position { get => _made - (_ready.To - _ready.From); set => throw new NotSupportedException(); }

    /// <summary>Reads the header of a delta.</summary>
    /// <exception cref="DeltaException">It is none.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static DeltaHeader ReadHeader(string deltaPath)
    {
        using var delta = File.OpenHandle(deltaPath);
        return ReadHeader(delta);
    }

    /// <summary>Opens the file after; the file before is hashed first.</summary>
    /// <param name="basePath">The file before.</param>
    /// <param name="deltaPath">The delta.</param>
    /// <param name="targetBytesMax">The most bytes that the file after may have.</param>
    /// <param name="cancel">Ends the hashing.</param>
    /// <exception cref="DeltaException">The delta is none, is for another file, or would make too large a one.</exception>
    /// <exception cref="IOException">One of them cannot be read.</exception>
    public static async Task<DeltaStream> OpenAsync(string basePath, string deltaPath, long targetBytesMax, CancellationToken cancel = default)
    {
        SafeFileHandle? before = null, delta = null;
        var sections = new List<DeltaSection>();
        try
        {
            delta = File.OpenHandle(deltaPath);
            var header = ReadHeader(delta);
            if (header.TargetBytes > targetBytesMax)
                throw new DeltaException(DeltaFault.TooLarge, $"The delta would make a file of {header.TargetBytes} bytes; {targetBytesMax} are wanted.");

            before = File.OpenHandle(basePath);
            if (RandomAccess.GetLength(before) != header.BaseBytes || await HashAsync(before, cancel) != header.Base)
                throw new DeltaException(DeltaFault.WrongBase, $"{basePath} is not the file {header.Base.Short} of {header.BaseBytes} bytes that the delta was made for.");

            long at = DeltaHeader.Bytes;
            foreach (var size in header.Sections)
            {
                sections.Add(new DeltaSection(delta, sections.Count, at, size));
                at += size.Packed;
            }

            return new DeltaStream(header, before, delta, [.. sections]);
        }
        catch
        {
            sections.ForEach(s => s.Dispose());
            before?.Dispose();
            delta?.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="DeltaException">The delta is broken, or what was built is not what it promised.</exception>
    public override int Read(Span<byte> buffer)
    {
        if (_ready.From == _ready.To && !Make())
            return 0;

        var count = Math.Min(buffer.Length, _ready.To - _ready.From);
        _piece.AsSpan(_ready.From, count).CopyTo(buffer);
        _ready.From += count;
        return count;
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(Read(buffer.Span));
    }

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Array.ForEach(_sections, s => s.Dispose());
            _hash.Dispose();
            _base.Dispose();
            _delta.Dispose();
        }

        base.Dispose(disposing);
    }

    private static DeltaHeader ReadHeader(SafeFileHandle delta)
    {
        Span<byte> bytes = stackalloc byte[DeltaHeader.Bytes];
        var read = RandomAccess.Read(delta, bytes, 0);
        return DeltaHeader.Read(bytes[..read], RandomAccess.GetLength(delta));
    }

    // Of the file that is open, so that it is the one which is read afterwards.
    private static async Task<Sha256Digest> HashAsync(SafeFileHandle file, CancellationToken cancel)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[Planes.PieceBytes];
        long at = 0;
        for (int read; (read = await RandomAccess.ReadAsync(file, buffer, at, cancel)) > 0; at += read)
            hash.AppendData(buffer, 0, read);
        return Sha256Digest.FromHash(hash.GetHashAndReset());
    }

    // Makes the next piece; false at the end, which is one only if all is right.
    private bool Make()
    {
        if (_made == Header.TargetBytes)
        {
            Check();
            return false;
        }

        if (_step.Bytes == 0)
        {
            _step = DeltaStep.Read(_sections[DeltaSections.Steps], _baseEnd, Header.BaseBytes, Header.TargetBytes - _made);
            _baseEnd = _step.Kind == DeltaStepKind.Fresh ? _baseEnd : _step.BaseEnd;
        }

        var count = (int)Math.Min(_step.Bytes, Planes.PieceBytes);
        var piece = _piece.AsSpan(0, count);
        Fill(piece);
        _hash.AppendData(piece);
        _step = _step with { Bytes = _step.Bytes - count, BaseAt = _step.BaseAt + count };
        _made += count;
        _ready = (0, count);
        return true;
    }

    private void Fill(Span<byte> piece)
    {
        switch (_step.Kind)
        {
            case DeltaStepKind.Copy:
                ReadBase(piece);
                break;
            case DeltaStepKind.Difference:
                var before = _before.AsSpan(0, piece.Length);
                ReadBase(before);
                Planes.Add(ReadPlanes(DeltaSections.Differences, piece.Length), before, piece, _step.Width);
                break;
            default:
                Planes.Join(ReadPlanes(DeltaSections.Fresh, piece.Length), piece, _step.Width);
                break;
        }
    }

    private ReadOnlySpan<byte> ReadPlanes(int section, int count)
    {
        var planes = _planes.AsSpan(0, count);
        if (!_step.IsMasked)
        {
            _sections[section].Read(planes);
            return planes;
        }

        var mask = _mask.AsSpan(0, Planes.MaskBytes(count));
        _sections[DeltaSections.Masks].Read(mask);
        if (count % 8 != 0 && mask[^1] >> (count % 8) != 0)
            throw new DeltaException(DeltaFault.Malformed, "A mask of the delta reaches beyond its step.");
        var nonZero = Planes.NonZero(mask);
        _sections[section].Read(planes[..nonZero]);
        Planes.Unmask(mask, planes, nonZero);
        return planes;
    }

    private void ReadBase(Span<byte> bytes)
    {
        for (var at = 0; at < bytes.Length;)
        {
            var read = RandomAccess.Read(_base, bytes[at..], _step.BaseAt + at);
            if (read == 0)
                throw new DeltaException(DeltaFault.WrongBase, "The file before became shorter while it was read.");
            at += read;
        }
    }

    private void Check()
    {
        if (_isChecked)
            return;

        Array.ForEach(_sections, s => s.End());
        var actual = Sha256Digest.FromHash(_hash.GetHashAndReset());
        if (actual != Header.Target)
            throw new DeltaException(DeltaFault.WrongResult, $"The delta made {actual.Short}, and not {Header.Target.Short} as it says.");
        _isChecked = true;
    }
}
