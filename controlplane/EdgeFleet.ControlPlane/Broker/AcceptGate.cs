using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace EdgeFleet.ControlPlane.Broker;

/// <summary>
/// Lets new connections through at a rate, before TLS: a fleet that comes back all at once waits for its turn as bare sockets, and what would
/// wait too long is closed, to come again after its own pause.
/// </summary>
internal sealed class AcceptGate(IOptions<BrokerOptions> options, TimeProvider time)
{
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(10);
    private readonly TokenBucket _bucket = new(options.Value.AcceptsPerSecond, options.Value.AcceptBurst);
    private readonly long _begin = time.GetTimestamp();
    private int _open;

    /// <summary>Connections that stand or wait.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>Goes before TLS.</summary>
    public async Task RunAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        try
        {
            if (Interlocked.Increment(ref _open) > options.Value.ConnectionsMax || _bucket.Take(1, time.GetElapsedTime(_begin), WaitMax) is not { } wait)
            {
                connection.Abort();
                return;
            }

            if (wait > TimeSpan.Zero)
                await Task.Delay(wait, time, connection.ConnectionClosed).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!connection.ConnectionClosed.IsCancellationRequested)
                await next(connection);
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }
}
