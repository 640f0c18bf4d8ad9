using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace EdgeFleet.Agent.Board;

/// <summary>
/// The socket in the state folder over which commands of this program ask the running agent. A file with rights, not a port: nothing on the network can reach it.
/// One question and one answer a connection.
/// </summary>
internal static class LocalSocket
{
    /// <summary>Most bytes of a question.</summary>
    public const int RequestBytesMax = 1024;

    private const int AnswerBytesMax = 64 * 1024 * 1024;

    // sockaddr_un has 108 bytes with the closing zero.
    private const int PathBytesMax = 107;

    /// <summary>Where it is; null when the state folder's name is too long for a socket.</summary>
    public static string? PathIn(string stateFolder)
    {
        var path = Path.Combine(stateFolder, "agent.sock");
        return Encoding.UTF8.GetByteCount(path) <= PathBytesMax ? path : null;
    }

    /// <summary>Asks the running agent.</summary>
    /// <returns>Its answer, or why there is none; null when no agent runs.</returns>
    public static async Task<LocalAnswer?> AskAsync(string stateFolder, LocalRequest request, TimeSpan timeout)
    {
        if (PathIn(stateFolder) is not { } path)
            return Refused($"The state folder's name is too long for a socket: {stateFolder}", "Choose a state folder with a shorter name.");

        using var limit = new CancellationTokenSource(timeout);
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), limit.Token);
            await socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(request, LocalJson.Default.LocalRequest).Append((byte)'\n').ToArray(), limit.Token);
            var bytes = await ReadAsync(socket, limit.Token);
            return JsonSerializer.Deserialize(bytes, LocalJson.Default.LocalAnswer);
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.AccessDenied)
        {
            return Refused($"{path} may not be opened by this user.", "Run this with sudo, or as a member of the group edgefleet.");
        }
        catch (SocketException)
        {
            return null;
        }
        catch (OperationCanceledException)
        {
            return Refused($"The agent did not answer within {timeout.TotalSeconds:0} s.", "Look at what it does: edgefleet-agent logs. If it hangs: systemctl restart edgefleet-agent");
        }
        catch (JsonException e)
        {
            return Refused($"What answered on {path} is not this agent: {e.Message}", "Is another version of the agent running? systemctl restart edgefleet-agent");
        }
    }

    private static LocalAnswer Refused(string text, string remedy) => new() { Refused = new LocalRefusal(text, remedy) };

    private static async Task<byte[]> ReadAsync(Socket socket, CancellationToken cancel)
    {
        using var all = new MemoryStream();
        var buffer = new byte[64 * 1024];
        int read;
        while (all.Length < AnswerBytesMax && (read = await socket.ReceiveAsync(buffer, cancel)) > 0)
            all.Write(buffer, 0, read);
        return all.ToArray();
    }
}
