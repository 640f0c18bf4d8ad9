using System.Net;
using System.Net.Sockets;

namespace EdgeFleet.Benchmarks.Security;

/// <summary>What a flood did: bytes that the busiest connection got rid of before it was closed, how many were closed, and how long that took.</summary>
internal sealed record FloodOutcome(int Connections, int Closed, long SentMost, double SentMedian, double SecondsToClose);

/// <summary>
/// Many connections at once that announce a large CONNECT and then send it slowly, a kilobyte a round, until the other side closes. What a
/// connection could send is the most that the other side can have read.
/// </summary>
internal static class Flood
{
    private const int ChunkBytes = 1024;
    private const int Rounds = 64;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>A CONNECT whose header announces 8 MiB, up to its client id.</summary>
    public static byte[] Claim { get; } = [0x10, 0x80, 0x80, 0x80, 0x04, 0x00, 0x04, (byte)'M', (byte)'Q', (byte)'T', (byte)'T', 0x05, 0x02, 0x00, 0x3C, 0x00, 0xFF, 0xFF];

    /// <summary>A CONNECT that announces what is allowed, 16 KiB, up to its client id.</summary>
    public static byte[] Modest { get; } = [0x10, 0x80, 0x80, 0x01, 0x00, 0x04, (byte)'M', (byte)'Q', (byte)'T', (byte)'T', 0x05, 0x02, 0x00, 0x3C, 0x00, 0x3F, 0xF0];

    /// <summary>Floods a port and keeps what is not closed open until all rounds are over.</summary>
    /// <param name="port">Port on the loopback address.</param>
    /// <param name="connections">How many.</param>
    /// <param name="open">Makes a stream of a connected socket: itself, or TLS over it.</param>
    /// <param name="begin">First bytes.</param>
    /// <param name="bytesMax">Most bytes that one connection sends.</param>
    /// <param name="atPeak">Called when everything is sent that could be, while what is open is still open.</param>
    /// <param name="cancel">Stops.</param>
    public static async Task<FloodOutcome> RunAsync(
        int port, int connections, Func<Socket, Task<Stream>> open, byte[] begin, int bytesMax, Action atPeak, CancellationToken cancel)
    {
        var all = new List<Victim>();
        try
        {
            foreach (var part in Enumerable.Range(0, connections).Chunk(50))
                all.AddRange(await Task.WhenAll(part.Select(_ => ConnectAsync(port, open, cancel))));
            var start = TimeProvider.System.GetTimestamp();
            if (begin.Length > 0)
                await Task.WhenAll(all.Select(v => v.SendAsync(begin, cancel)));
            using var timer = new PeriodicTimer(Pause);
            var chunk = new byte[ChunkBytes];
            for (var round = 0; round < Rounds; round++)
            {
                await timer.WaitForNextTickAsync(cancel);
                await Task.WhenAll(all.Where(v => !v.IsClosed && v.Sent + ChunkBytes <= bytesMax).Select(v => v.SendAsync(chunk, cancel)));
            }

            atPeak();
            while (all.Any(v => !v.IsClosed) && TimeProvider.System.GetElapsedTime(start) < Patience)
                await timer.WaitForNextTickAsync(cancel);
            return new FloodOutcome(connections, all.Count(v => v.IsClosed), all.Max(v => v.Sent), Measure.Median(all.Select(v => (double)v.Sent)), TimeProvider.System.GetElapsedTime(start).TotalSeconds);
        }
        finally
        {
            foreach (var victim in all)
                victim.Dispose();
        }
    }

    private static async Task<Victim> ConnectAsync(int port, Func<Socket, Task<Stream>> open, CancellationToken cancel)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port, cancel);
        return new Victim(socket, await open(socket));
    }

    private sealed class Victim(Socket socket, Stream stream) : IDisposable
    {
        private bool _isClosed;

        public long Sent { get; private set; }

        public bool IsClosed => _isClosed |= socket.Poll(0, SelectMode.SelectError) || (socket.Poll(0, SelectMode.SelectRead) && IsAtEnd());

        public async Task SendAsync(byte[] bytes, CancellationToken cancel)
        {
            try
            {
                await stream.WriteAsync(bytes, cancel);
                Sent += bytes.Length;
            }
            catch (Exception e) when (e is IOException or SocketException or InvalidOperationException)
            {
                // Also: TLS that never came to be.
                _isClosed = true;
            }
        }

        public void Dispose()
        {
            stream.Dispose();
            socket.Dispose();
        }

        // Over TLS there may be bytes to read (session tickets, an alert): only their end is a close.
        private bool IsAtEnd()
        {
            try
            {
                var some = new byte[4096];
                while (socket.Available > 0)
                    _ = socket.Receive(some);
                return socket.Poll(0, SelectMode.SelectRead) && socket.Available == 0;
            }
            catch (SocketException)
            {
                return true;
            }
        }
    }
}
