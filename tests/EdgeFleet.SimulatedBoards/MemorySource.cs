using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using EdgeFleet.Agent.Updates;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Testing.Packages;

namespace EdgeFleet.SimulatedBoards;

/// <summary>A server of package files within the process, with ranges; faults are ordered for the next requests.</summary>
internal sealed class MemorySource : IPackageSource
{
    private readonly ConcurrentDictionary<Sha256Digest, byte[]> _files = new();
    private readonly ConcurrentQueue<Func<HttpResponseMessage>> _next = new();

    /// <summary>Serves every file of a package.</summary>
    public void Serve(TestPackage package)
    {
        foreach (var (digest, bytes) in package.ByDigest)
            _files[digest] = bytes;
    }

    /// <summary>Answers the next request so.</summary>
    public void Order(Func<HttpResponseMessage> answer) => _next.Enqueue(answer);

    public Task<HttpResponseMessage> GetAsync(Sha256Digest digest, ByteRange? range, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        if (_next.TryDequeue(out var ordered))
            return Task.FromResult(ordered());
        if (!_files.TryGetValue(digest, out var file))
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.NotFound));
        if (range?.From >= file.Length)
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.RequestedRangeNotSatisfiable));

        var from = (int)(range?.From ?? 0);
        var last = (int)Math.Min(range?.To ?? long.MaxValue, file.Length - 1);
        var answer = new HttpResponseMessage(range is null ? HttpStatusCode.OK : HttpStatusCode.PartialContent) { Content = new ByteArrayContent(file, from, last + 1 - from) };
        if (range is not null)
            answer.Content.Headers.ContentRange = new ContentRangeHeaderValue(from, last, file.Length);
        return Task.FromResult(answer);
    }
}

/// <summary>A body that never brings anything.</summary>
internal sealed class SilentStream : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => 0; set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await Task.Delay(Timeout.Infinite, cancellationToken);
        return 0;
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
