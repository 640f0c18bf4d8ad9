using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeFleet.Agent.Board;

/// <summary>Serves <see cref="LocalSocket"/>. Whatever happens here, the agent's work goes on.</summary>
internal sealed partial class LocalSocketWorker(string stateFolder, LocalDesk desk, ILogger<LocalSocketWorker> log) : BackgroundService
{
    private const int ConnectionsMax = 4;
    private const UnixFileMode OwnerAndGroup = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly SemaphoreSlim _room = new(ConnectionsMax);

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        _room.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (LocalSocket.PathIn(stateFolder) is not { } path)
        {
            Log.TooLong(log, stateFolder);
            return;
        }

        try
        {
            using var listener = Listen(path);
            while (!stoppingToken.IsCancellationRequested)
            {
                await _room.WaitAsync(stoppingToken);
                _ = ServeAsync(await listener.AcceptAsync(stoppingToken), stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            TryDelete(path);
        }
        catch (Exception e) when (e is SocketException or IOException or UnauthorizedAccessException)
        {
            Log.NotServed(log, path, e.Message);
        }
    }

    private static Socket Listen(string path)
    {
        // What a process before this one left; two agents never share a state folder.
        File.Delete(path);
        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        File.SetUnixFileMode(path, OwnerAndGroup);
        listener.Listen(ConnectionsMax);
        return listener;
    }

    private async Task ServeAsync(Socket socket, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(Patience);
        try
        {
            using (socket)
            {
                var answer = await ReadAsync(socket, limit.Token) is { } request
                    ? await desk.AnswerAsync(request, limit.Token)
                    : new LocalAnswer { Refused = new LocalRefusal("The question cannot be read.", "Ask with the agent's own commands, of the same version.") };
                await socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(answer, LocalJson.Default.LocalAnswer), limit.Token);
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // Who asked has gone.
        }
        catch (Exception e)
        {
            Log.AnswerBroke(log, e);
        }
        finally
        {
            _room.Release();
        }
    }

    private static async Task<LocalRequest?> ReadAsync(Socket socket, CancellationToken cancel)
    {
        var (buffer, length) = (new byte[LocalSocket.RequestBytesMax], 0);
        while (length < buffer.Length)
        {
            var read = await socket.ReceiveAsync(buffer.AsMemory(length), cancel);
            length += read;
            if (read == 0 || buffer.AsSpan(0, length).Contains((byte)'\n'))
                break;
        }

        try
        {
            return JsonSerializer.Deserialize(buffer.AsSpan(0, length), LocalJson.Default.LocalRequest);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next agent deletes it.
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "{Folder} has too long a name for a socket: 'edgefleet-agent status' and 'snapshot' will not find this agent")]
        public static partial void TooLong(ILogger logger, string folder);

        [LoggerMessage(LogLevel.Warning, "{Path} is not served, so 'edgefleet-agent status' and 'snapshot' will not find this agent: {Cause}")]
        public static partial void NotServed(ILogger logger, string path, string cause);

        [LoggerMessage(LogLevel.Error, "Answering a command broke")]
        public static partial void AnswerBroke(ILogger logger, Exception e);
    }
}
