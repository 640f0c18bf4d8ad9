using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using EdgeFleet.Shared.Identity;

namespace EdgeFleet.Testing.Packages;

/// <summary>What a <see cref="RangeServer"/> does with one request.</summary>
/// <param name="Status">Status to answer with instead of the file; 0 serves it.</param>
/// <param name="CutAfter">Ends the connection after so many bytes of the body.</param>
/// <param name="StallAfter">Sends nothing more after so many bytes of the body, and keeps the connection.</param>
/// <param name="IgnoreRange">Answers 200 and the whole file where a range was asked.</param>
/// <param name="ShiftRange">Answers with a range that begins so many bytes off.</param>
/// <param name="Instead">Bytes to serve in place of the file's.</param>
/// <param name="RetryAfter">Seconds of a Retry-After header.</param>
public sealed record ServerFault(
    int Status = 0, int? CutAfter = null, int? StallAfter = null, bool IgnoreRange = false, int ShiftRange = 0, byte[]? Instead = null, int? RetryAfter = null);

/// <summary>What was asked of a <see cref="RangeServer"/>.</summary>
/// <param name="File">Digest that was asked.</param>
/// <param name="From">First byte asked; null for the whole file.</param>
/// <param name="Before">The file before, where the delta to <paramref name="File"/> was asked.</param>
/// <param name="To">Last byte asked; null for all that follow.</param>
public sealed record ServerRequest(Sha256Digest File, long? From, Sha256Digest? Before = null, long? To = null);

/// <summary>A real HTTP server over files named by their digests, with ranges, and with faults to order: the next requests meet them one by one, then all is well.</summary>
public sealed class RangeServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<Sha256Digest, byte[]> _files = new();
    private readonly ConcurrentDictionary<(Sha256Digest From, Sha256Digest To), byte[]> _deltas = new();
    private readonly ConcurrentQueue<ServerFault> _faults = new();
    private readonly ConcurrentQueue<ServerRequest> _requests = new();
    private readonly Task _accepting;

    /// <summary>Starts on a free port of this machine.</summary>
    public RangeServer()
    {
        _listener.Start();
        Address = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/packages/");
        _accepting = AcceptAsync();
    }

    /// <summary>Base address, with a slash at the end.</summary>
    public Uri Address { get; }

    /// <summary>Requests so far, oldest first.</summary>
    public IReadOnlyList<ServerRequest> Requests => [.. _requests];

    /// <summary>Serves every file of a package.</summary>
    public void Serve(TestPackage package)
    {
        foreach (var (digest, bytes) in package.ByDigest)
            _files[digest] = bytes;
    }

    /// <summary>Serves a delta.</summary>
    public void Serve(Sha256Digest from, Sha256Digest to, byte[] delta) => _deltas[(from, to)] = delta;

    /// <summary>Takes a file out.</summary>
    public void Remove(Sha256Digest digest) => _files.TryRemove(digest, out _);

    /// <summary>Orders faults for the next requests.</summary>
    public void Order(params IEnumerable<ServerFault> faults)
    {
        foreach (var fault in faults)
            _faults.Enqueue(fault);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // Once more does nothing: a test may take the server away before its end.
        if (_stop.IsCancellationRequested)
            return;

        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                _ = AnswerAsync(await _listener.AcceptTcpClientAsync(_stop.Token));
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task AnswerAsync(TcpClient client)
    {
        using var _ = client;
        try
        {
            await using var stream = client.GetStream();
            var head = await ReadHeadAsync(stream);
            if (head.Length == 0)
                return;

            var lines = head.Split("\r\n");
            var path = lines[0].Split(' ')[1].Split('/');
            var request = new ServerRequest(Sha256Digest.Parse(path[^1]), FromOf(lines), path[^3] == "deltas" ? Sha256Digest.Parse(path[^2]) : null, ToOf(lines));
            _requests.Enqueue(request);
            await AnswerAsync(stream, request, _faults.TryDequeue(out var fault) ? fault : new ServerFault());
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or SocketException)
        {
            // The client went away, or the server is being stopped.
        }
    }

    private async Task AnswerAsync(NetworkStream stream, ServerRequest request, ServerFault fault)
    {
        var known = request.Before is { } before ? _deltas.GetValueOrDefault((before, request.File)) : _files.GetValueOrDefault(request.File);
        var status = fault.Status != 0 ? fault.Status : known is not null ? 200 : 404;
        if (status != 200)
        {
            var retry = fault.RetryAfter is { } s ? $"Retry-After: {s}\r\n" : "";
            await SendAsync(stream, $"HTTP/1.1 {status} x\r\n{retry}Content-Length: 0\r\nConnection: close\r\n\r\n", default);
            return;
        }

        var file = fault.Instead ?? known!;
        var partial = request.From is not null && !fault.IgnoreRange;
        var from = partial ? (int)request.From! + fault.ShiftRange : 0;
        if (from >= file.Length && partial)
        {
            await SendAsync(stream, $"HTTP/1.1 416 x\r\nContent-Range: bytes */{file.Length}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", default);
            return;
        }

        var last = partial ? (int)Math.Min(request.To ?? long.MaxValue, file.Length - 1) : file.Length - 1;
        var body = file.AsMemory(from, last + 1 - from);
        var range = partial ? $"Content-Range: bytes {from}-{last}/{file.Length}\r\n" : "";
        var head = $"HTTP/1.1 {(partial ? 206 : 200)} x\r\n{range}Content-Length: {body.Length}\r\nConnection: close\r\n\r\n";
        await SendAsync(stream, head, body[..Math.Min(body.Length, fault.CutAfter ?? fault.StallAfter ?? body.Length)]);
        if (fault.StallAfter is not null)
            await Task.Delay(Timeout.Infinite, _stop.Token);
    }

    private async Task SendAsync(NetworkStream stream, string head, ReadOnlyMemory<byte> body)
    {
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head), _stop.Token);
        await stream.WriteAsync(body, _stop.Token);
        await stream.FlushAsync(_stop.Token);
    }

    private async Task<string> ReadHeadAsync(NetworkStream stream)
    {
        var head = new StringBuilder();
        var buffer = new byte[1024];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            var read = await stream.ReadAsync(buffer, _stop.Token);
            if (read == 0)
                return "";
            head.Append(Encoding.ASCII.GetString(buffer, 0, read));
        }

        return head.ToString();
    }

    private static long? FromOf(string[] lines) =>
        lines.FirstOrDefault(l => l.StartsWith("Range: bytes=", StringComparison.OrdinalIgnoreCase)) is { } range
            ? long.Parse(range["Range: bytes=".Length..].Split('-')[0], CultureInfo.InvariantCulture)
            : null;

    private static long? ToOf(string[] lines) =>
        lines.FirstOrDefault(l => l.StartsWith("Range: bytes=", StringComparison.OrdinalIgnoreCase)) is { } range && range.Split('-') is [.., { Length: > 0 } last]
            ? long.Parse(last, CultureInfo.InvariantCulture)
            : null;
}
