using System.Net;
using System.Net.Sockets;
using EdgeFleet.Agent.Health;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeFleet.Agent.LocalApi;

// Kestrel does the same and more, but linked into the agent it took 2.6 MB of memory while nobody listens, of the 30 MB that an idle agent may have; this takes 0.3.
/// <summary>Listens at the configured place. Where that cannot be had, the board says so and it is tried again: the slots' work does not hang on it.</summary>
internal sealed partial class ApiListener(ApiConnection connection, LocalApiOptions options, HealthBoard health, TimeProvider time, ILogger<ApiListener> logger) : BackgroundService
{
    /// <summary>Warning while nobody can call.</summary>
    public const string WarningDown = "local-api-down";

    private const int Backlog = 16;
    private const UnixFileMode SocketMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;
    private const int LingerReadsMax = 256;
    private static readonly TimeSpan LingerMax = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan TryAgain = TimeSpan.FromSeconds(10);

    private readonly TaskCompletionSource<EndPoint> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _open;

    /// <summary>Completes with the place once it listens.</summary>
    public Task<EndPoint> Listening => _listening.Task;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                using var socket = Open();
                health.Clear(WarningDown, null);
                Log.Listening(logger, socket.LocalEndPoint!);
                _listening.TrySetResult(socket.LocalEndPoint!);
                await AcceptAsync(socket, stoppingToken);
            }
            catch (Exception e) when (e is SocketException or IOException or UnauthorizedAccessException)
            {
                health.Raise(WarningDown, null, $"The local API does not listen at {options.Listen}: {e.Message}", "Look whether another program has the port, or whether the socket's folder is there and the agent's user may write to it.");
                await Task.Delay(TryAgain, time, stoppingToken);
            }
        }
    }

    private Socket Open()
    {
        var path = (options.Listen as UnixDomainSocketEndPoint)?.ToString();
        if (path is not null && Path.Exists(path))
            RemoveLeftBehind(path);

        var socket = new Socket(options.Listen!.AddressFamily, SocketType.Stream, path is null ? ProtocolType.Tcp : ProtocolType.Unspecified);
        try
        {
            socket.Bind(options.Listen);
            if (path is not null)
                File.SetUnixFileMode(path, SocketMode);
            socket.Listen(Backlog);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    // A socket that a killed agent left behind keeps a new one from being made; what is something else, or listened at, is not ours to delete.
    private void RemoveLeftBehind(string path)
    {
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(options.Listen!);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
        {
            if (File.GetAttributes(path).HasFlag(FileAttributes.Directory) || new FileInfo(path).Length > 0)
                throw new IOException($"{path} is there and is no socket.", e);
            File.Delete(path);
            return;
        }

        throw new IOException($"Another program listens at {path}.");
    }

    private async Task AcceptAsync(Socket listener, CancellationToken stop)
    {
        while (true)
        {
            Socket accepted;
            try
            {
                accepted = await listener.AcceptAsync(stop);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            _ = ServeAsync(accepted, stop);
        }
    }

    private async Task ServeAsync(Socket accepted, CancellationToken stop)
    {
        var isTooMany = Interlocked.Increment(ref _open) > options.ConnectionsMax;
        try
        {
            if (accepted.ProtocolType == ProtocolType.Tcp)
                accepted.NoDelay = true;
            await using var stream = new NetworkStream(accepted, ownsSocket: true);
            await (isTooMany ? connection.TurnAwayAsync(stream, stop) : connection.ServeAsync(stream, stop));
            await LingerAsync(stream, stop);
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }

    // Closed with bytes unread, the last answer would be lost on its way: they are read and left, few and for a short while.
    private async Task LingerAsync(NetworkStream stream, CancellationToken stop)
    {
        try
        {
            stream.Socket.Shutdown(SocketShutdown.Send);
            using var limit = new CancellationTokenSource(LingerMax, time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stop);
            var left = new byte[4096];
            for (var i = 0; i < LingerReadsMax && await stream.ReadAsync(left, both.Token) > 0; i++)
            {
            }
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The other side is gone.
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "The local API listens at {EndPoint}")]
        public static partial void Listening(ILogger logger, EndPoint endPoint);
    }
}
