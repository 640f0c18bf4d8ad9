using System.Text.Json.Serialization;
using EdgeFleet.ControlPlane.Data;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace EdgeFleet.ControlPlane.Hosting;

/// <summary>What every capability stands on: options, ports, problems, health, systemd.</summary>
internal static class HostingSetup
{
    private const string Ready = "ready";

    public static IServiceCollection AddHosting(this IServiceCollection services)
    {
        services.AddOptions<ControlPlaneOptions>().BindConfiguration(ControlPlaneOptions.Section)
            .PostConfigure(o => o.Complete()).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<BoundPorts>().AddSingleton<IConfigureOptions<KestrelServerOptions>, ListenersSetup>().AddHostedService<EndpointsFile>();
        services.AddProblemDetails().AddExceptionHandler<FaultHandler>();
        services.Configure<RouteHandlerOptions>(o => o.ThrowOnBadRequest = true);
        services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.FromSeconds(15));
        services.ConfigureHttpJsonOptions(o =>
        {
            o.SerializerOptions.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
            o.SerializerOptions.Converters.Add(new JsonStringEnumConverter());
            o.SerializerOptions.MaxDepth = 32; // The API document nests a schema for each level of a shape.
        });
        services.AddHealthChecks().AddCheck<DatabaseHealth>("database", tags: [Ready]);
        return services.AddSystemd();
    }

    /// <summary>The way of a request before it reaches an endpoint.</summary>
    public static void UseHosting(this WebApplication app)
    {
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.UseHsts();
        app.UseSecurityHeaders();
        app.UseRouting();
        app.UseListenerGate();
    }

    /// <summary><c>/healthz</c>: the process answers. <c>/readyz</c>: it can also do its work.</summary>
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapHealthChecks("/healthz", new HealthCheckOptions { Predicate = _ => false }).AllowAnonymous();
        routes.MapHealthChecks("/readyz", new HealthCheckOptions { Predicate = c => c.Tags.Contains(Ready) }).AllowAnonymous();
    }
}

/// <summary>Healthy while the database answers.</summary>
internal sealed class DatabaseHealth(IDbContextFactory<FleetContext> contexts) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.Database.CanConnectAsync(cancellationToken)
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Unhealthy("The database does not answer. Check Database:Connection and that it runs.");
    }
}
