using System.Diagnostics;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;

namespace EdgeFleet.ControlPlane.Hosting;

/// <summary>
/// Answers a request that failed with a problem as RFC 9457 says. What the client sent wrong is said to it; what is wrong here gets a reference,
/// under which the log has the rest.
/// </summary>
internal sealed partial class FaultHandler(IProblemDetailsService problems, ILogger<FaultHandler> log) : IExceptionHandler
{
    public ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        var problem = exception is BadHttpRequestException bad ? Explain(bad) : Hide(exception, httpContext);
        httpContext.Response.StatusCode = problem.Status!.Value;
        return problems.TryWriteAsync(new ProblemDetailsContext { HttpContext = httpContext, ProblemDetails = problem });
    }

    private static ProblemDetails Explain(BadHttpRequestException bad) => new()
    {
        Status = bad.StatusCode,
        Title = "The request cannot be read",
        Detail = bad.InnerException is { } inner ? $"{bad.Message} {inner.Message}" : bad.Message,
    };

    private ProblemDetails Hide(Exception exception, HttpContext context)
    {
        var reference = Activity.Current?.TraceId.ToString() ?? context.TraceIdentifier;
        Log.RequestFailed(log, context.Request.Method, context.Request.Path, reference, exception);
        return new ProblemDetails
        {
            Status = StatusCodes.Status500InternalServerError,
            Title = "The control plane failed on this request",
            Detail = $"Nothing more is known to be changed. Try again; if it happens again, give the operator the reference {reference}, under which the log says what happened.",
            Extensions = { ["reference"] = reference },
        };
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "RequestFailed: {Method} {Path}, reference {Reference}")]
        public static partial void RequestFailed(ILogger logger, string method, string path, string reference, Exception exception);
    }
}
