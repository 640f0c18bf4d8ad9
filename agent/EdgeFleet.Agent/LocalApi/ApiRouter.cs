using System.Net;
using System.Net.Sockets;

namespace EdgeFleet.Agent.LocalApi;

/// <summary>Who may ask what, and who answers it.</summary>
internal sealed class ApiRouter(InferenceApi inference, ClassifyApi classify, MetricsPage metrics, ApiToken token, LocalApiOptions options)
{
    private readonly bool _isTcp = options.Listen?.AddressFamily is AddressFamily.InterNetwork or AddressFamily.InterNetworkV6;

    /// <summary>Why a request is turned away by its head alone; null when its body may be read.</summary>
    public ApiAnswer? Refusal(RequestHead head)
    {
        // A page in a browser on the board may send requests to any port: it names the host that it was loaded from.
        if (_isTcp && !IsLocal(head["Host"]))
            return ApiAnswer.Error(403, "Host must name this machine: localhost or a loopback address.");
        if (!head.Path.StartsWith("/v2/health/", StringComparison.Ordinal) && !token.IsRight(head["Authorization"], out var why))
            return ApiAnswer.Error(401, why, ("WWW-Authenticate", "Bearer"));

        var isPost = head.Path.EndsWith("/infer", StringComparison.Ordinal) || head.Path.EndsWith("/classify", StringComparison.Ordinal);
        return head.Method == (isPost ? "POST" : "GET") ? null : ApiAnswer.Error(405, $"{head.Path} takes {(isPost ? "POST" : "GET")}.", ("Allow", isPost ? "POST" : "GET"));
    }

    /// <summary>Answers a request.</summary>
    public Task<ApiAnswer> AnswerAsync(ApiRequest request, CancellationToken stop) => request.Head.Path.Trim('/').Split('/') switch
    {
        ["metrics"] => Task.FromResult(metrics.Answer()),
        ["edgefleet", "v1", "slots", var slot, "classify"] => classify.AnswerAsync(slot, request, stop),
        ["v2"] => Task.FromResult(InferenceApi.Server()),
        ["v2", "health", "live"] => Task.FromResult(ApiAnswer.Json(200, json => json.WriteBoolean("live", true))),
        ["v2", "health", "ready"] => Task.FromResult(inference.Ready()),
        ["v2", "models", var slot, .. var rest] => inference.AnswerAsync(slot, rest, request, stop),
        _ => Task.FromResult(ApiAnswer.Error(404, $"There is nothing at {request.Head.Path}.")),
    };

    private static bool IsLocal(string host)
    {
        var name = host.StartsWith('[') ? host.Split(']')[0].TrimStart('[') : host.Split(':')[0];
        return name.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(name, out var address) && IPAddress.IsLoopback(address));
    }
}
