using System.Net;
using System.Security.Cryptography.X509Certificates;
using EdgeFleet.Agent.Tests.Connectivity;
using EdgeFleet.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeFleet.Agent.Tests.Sources.Http;

/// <summary>A camera's web server: Kestrel on a free port of this machine.</summary>
internal sealed class SnapshotServer : IAsyncDisposable
{
    private readonly TestAuthority _authority = new();
    private WebApplication? _app;
    private int _requests;

    /// <summary>Requests so far, this one included.</summary>
    public int Requests => Volatile.Read(ref _requests);

    /// <summary>Its address.</summary>
    public Uri Address { get; private set; } = new("http://127.0.0.1/");

    /// <summary>Starts it; with TLS its CA is written to <c>ca.pem</c>.</summary>
    public async Task StartAsync(RequestDelegate answer, TempFolder folder, bool isTls = false)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            if (isTls)
                listen.UseHttps(X509CertificateLoader.LoadPkcs12(_authority.Server.Export(X509ContentType.Pkcs12), null));
        }));
        builder.Services.Clear<Microsoft.Extensions.Logging.ILoggerProvider>();
        await File.WriteAllTextAsync(folder["ca.pem"], _authority.Ca.ExportCertificatePem());
        _app = builder.Build();
        _app.Run(context =>
        {
            Interlocked.Increment(ref _requests);
            return answer(context);
        });
        await _app.StartAsync();
        Address = new Uri(_app.Urls.Single().Replace("[::1]", "127.0.0.1", StringComparison.Ordinal));
    }

    /// <summary>Sends an image.</summary>
    public static async Task SendAsync(HttpContext context, byte[] image, string? tag, string type = "image/jpeg")
    {
        context.Response.ContentType = type;
        if (tag is not null)
            context.Response.Headers.ETag = tag;
        await context.Response.Body.WriteAsync(image);
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
            await _app.DisposeAsync();
        _authority.Dispose();
    }
}

internal static class ServiceRemoval
{
    public static void Clear<T>(this IServiceCollection services)
    {
        foreach (var service in services.Where(s => s.ServiceType == typeof(T)).ToList())
            services.Remove(service);
    }
}
