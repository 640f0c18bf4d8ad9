using System.Diagnostics;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.HttpResults;

namespace EdgeFleet.ControlPlane.Pages;

/// <summary>Gives people a page where an answer would be a bare status or a fault. Pages that say themselves what is not there are left alone.</summary>
internal sealed partial class ErrorPages(RequestDelegate next, ILogger<ErrorPages> log)
{
    public async Task InvokeAsync(HttpContext context)
    {
        context.Features.Set<IStatusCodePagesFeature>(null); // With it, a page that answers 404 would not be written.
        try
        {
            await next(context);
        }
        catch (BadHttpRequestException e) when (!context.Response.HasStarted)
        {
            context.Response.Clear();
            context.Response.StatusCode = e.StatusCode;
        }
        catch (Exception e) when (!context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
        {
            Log.PageFailed(log, context.Request.Method, context.Request.Path, ReferenceOf(context), e);
            context.Response.Clear();
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
        }

        if (IsBare(context.Response))
            await new RazorComponentResult<ErrorDocument>(new { Code = context.Response.StatusCode }) { StatusCode = context.Response.StatusCode }.ExecuteAsync(context);
    }

    /// <summary>What the log calls this request.</summary>
    public static string ReferenceOf(HttpContext context) => Activity.Current?.TraceId.ToString() ?? context.TraceIdentifier;

    private static bool IsBare(HttpResponse response) =>
        response is { StatusCode: >= 400, HasStarted: false, ContentLength: null } && string.IsNullOrEmpty(response.ContentType);

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "PageFailed: {Method} {Path}, reference {Reference}")]
        public static partial void PageFailed(ILogger logger, string method, string path, string reference, Exception exception);
    }
}
