using System.Net;
using System.Net.Sockets;

namespace EdgeFleet.Benchmarks.Tuf;

/// <summary>A repository over HTTP, for clients that are programs. Paths come as they were sent, with their escapes.</summary>
internal sealed class TufServer : IAsyncDisposable
{
    private readonly HttpListener _listener;
    private readonly Func<string, byte[]?> _source;
    private readonly Task _serving;

    /// <summary>Serves on a free port of this machine.</summary>
    /// <param name="source">Gives a file by its path ("metadata/..." or "targets/...").</param>
    public TufServer(Func<string, byte[]?> source)
    {
        _source = source;
        (_listener, Address) = Listen();
        _serving = ServeAsync();
    }

    /// <summary>Base address, with a slash at the end.</summary>
    public string Address { get; }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _listener.Close();
        await _serving;
    }

    private static (HttpListener Listener, string Address) Listen()
    {
        for (var tries = 0; ; tries++)
        {
            using var probe = new TcpListener(IPAddress.Loopback, 0);
            probe.Start();
            var address = $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}/";
            probe.Stop();
            var listener = new HttpListener();
            try
            {
                listener.Prefixes.Add(address);
                listener.Start();
                return (listener, address);
            }
            catch (HttpListenerException) when (tries < 10)
            {
                // Somebody else took the port in between.
                ((IDisposable)listener).Dispose();
            }
        }
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            try
            {
                var context = await _listener.GetContextAsync();
                var bytes = _source(context.Request.RawUrl!.TrimStart('/'));
                context.Response.StatusCode = bytes is null ? 404 : 200;
                context.Response.ContentLength64 = bytes?.Length ?? 0;
                if (bytes is not null)
                    await context.Response.OutputStream.WriteAsync(bytes);
                context.Response.Close();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or IOException)
            {
                // The server was closed, or a client that has seen enough went away.
                if (!_listener.IsListening)
                    return;
            }
        }
    }
}
