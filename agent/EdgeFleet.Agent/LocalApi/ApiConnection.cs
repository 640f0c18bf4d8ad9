using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging;

namespace EdgeFleet.Agent.LocalApi;

/// <summary>One connection: a request, its answer, and again, each within its time.</summary>
internal sealed partial class ApiConnection(ApiRouter router, LocalApiOptions options, BodyBudget budget, TimeProvider time, ILogger<ApiConnection> logger)
{
    private static readonly TimeSpan IdleMax = TimeSpan.FromSeconds(60);
    private static readonly byte[] GoOn = Encoding.ASCII.GetBytes("HTTP/1.1 100 Continue\r\n\r\n");

    private TimeSpan Slow => TimeSpan.FromSeconds(options.SlowSeconds);

    /// <summary>Serves until the other side leaves, is too slow, or the agent stops.</summary>
    public async Task ServeAsync(Stream stream, CancellationToken stop)
    {
        using var reader = new RequestReader(stream, options.BodyBytesMax, budget);
        try
        {
            while (await WithinAsync(IdleMax, reader.WaitAsync, stop) && await ServeOneAsync(stream, reader, stop))
            {
            }
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The other side left, said nothing for long, or took nothing.
        }
    }

    /// <summary>Answers a connection that is one too many.</summary>
    public async Task TurnAwayAsync(Stream stream, CancellationToken stop)
    {
        try
        {
            await SendAsync(stream, ApiAnswer.Busy(503, $"There are {options.ConnectionsMax} connections already: LocalApi:ConnectionsMax."), keepAlive: false, stop);
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // It did not even wait for the answer.
        }
    }

    private async Task<bool> ServeOneAsync(Stream stream, RequestReader reader, CancellationToken stop)
    {
        ApiAnswer answer;
        var keepAlive = false;
        try
        {
            using var slow = Limit(Slow, stop);
            if (await reader.HeadAsync(slow.Token) is not { } head)
                return false;

            keepAlive = head.KeepAlive;
            if (router.Refusal(head) is { } refusal)
            {
                // What was refused by its head may have a body on the way, which nobody wants to read.
                (answer, keepAlive) = (refusal, keepAlive && head.Length == 0);
            }
            else
            {
                if (head.Expects && head.Length is null or > 0)
                    await stream.WriteAsync(GoOn, slow.Token);
                var request = new ApiRequest(head, await reader.BodyAsync(head, slow.Token));
                answer = await AnswerAsync(request, stop);
            }
        }
        catch (RequestException e)
        {
            (answer, keepAlive) = (e.Status == 503 ? ApiAnswer.Busy(503, e.Message) : ApiAnswer.Error(e.Status, e.Message), false);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            (answer, keepAlive) = (ApiAnswer.Error(408, $"The request did not arrive within {options.SlowSeconds} s."), false);
        }

        reader.Release();
        await SendAsync(stream, answer, keepAlive, stop);
        return keepAlive;
    }

    private async Task<ApiAnswer> AnswerAsync(ApiRequest request, CancellationToken stop)
    {
        try
        {
            return await router.AnswerAsync(request, stop);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Log.Broke(logger, e, request.Head.Method, request.Head.Path);
            return ApiAnswer.Error(500, "Answering broke; the agent's log has the cause.");
        }
    }

    private async Task SendAsync(Stream stream, ApiAnswer answer, bool keepAlive, CancellationToken stop)
    {
        using var slow = Limit(Slow, stop);
        await stream.WriteAsync(answer.HeadBytes(keepAlive), slow.Token);
        await stream.WriteAsync(answer.Body, slow.Token);
    }

    private async Task<bool> WithinAsync(TimeSpan span, Func<CancellationToken, ValueTask<bool>> wait, CancellationToken stop)
    {
        using var limit = Limit(span, stop);
        return await wait(limit.Token);
    }

    private LinkedLimit Limit(TimeSpan span, CancellationToken stop) => new(span, time, stop);

    private sealed class LinkedLimit : IDisposable
    {
        private readonly CancellationTokenSource _timeout;
        private readonly CancellationTokenSource _both;

        public LinkedLimit(TimeSpan span, TimeProvider time, CancellationToken stop)
        {
            _timeout = new CancellationTokenSource(span, time);
            _both = CancellationTokenSource.CreateLinkedTokenSource(_timeout.Token, stop);
        }

        public CancellationToken Token => _both.Token;

        public void Dispose()
        {
            _both.Dispose();
            _timeout.Dispose();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "Answering {Method} {Path} broke")]
        public static partial void Broke(ILogger logger, Exception e, string method, string path);
    }
}
