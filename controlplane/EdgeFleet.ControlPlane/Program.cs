using EdgeFleet.ControlPlane.Access;
using EdgeFleet.ControlPlane.Alerts;
using EdgeFleet.ControlPlane.ApiDescription;
using EdgeFleet.ControlPlane.Broker;
using EdgeFleet.ControlPlane.Data;
using EdgeFleet.ControlPlane.DeviceCommands;
using EdgeFleet.ControlPlane.Devices;
using EdgeFleet.ControlPlane.Enrolment;
using EdgeFleet.ControlPlane.Hosting;
using EdgeFleet.ControlPlane.Models;
using EdgeFleet.ControlPlane.Models.Deltas;
using EdgeFleet.ControlPlane.Pages;
using EdgeFleet.ControlPlane.Rollouts;
using EdgeFleet.ControlPlane.Telemetry;

namespace EdgeFleet.ControlPlane;

/// <summary>The control plane's table of contents.</summary>
internal static class Program
{
    private static Task<int> Main(string[] args) => Commands.RunAsync(args, Build);

    /// <summary>Puts the process together.</summary>
    /// <param name="line">Arguments.</param>
    /// <param name="replace">What a test puts in the place of something.</param>
    internal static WebApplication Build(CommandLine line, Action<IServiceCollection>? replace = null)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddSettings(line.ConfigurationFile);

        var (services, configuration) = (builder.Services, builder.Configuration);
        services.AddLogs(configuration);
        services.AddHosting();
        services.AddData(configuration);
        services.AddTelemetry(configuration);
        services.AddDevices(configuration);
        services.AddBroker(configuration);
        services.AddCommands();
        services.AddEnrolment(configuration);
        services.AddModels(configuration);
        services.AddRollouts(configuration);
        services.AddAlerts(configuration);
        services.AddAccess(configuration);
        services.AddPages(configuration);
        services.AddApiDescription();
        replace?.Invoke(services);
        ConfigurationCheck.ThrowOnFaults(services, configuration);

        var app = builder.Build();
        app.UseHosting();
        app.UseRateLimiter();
        app.UsePages();
        app.UseAccess();
        app.MapHealth();
        app.MapDevices();
        app.MapBroker();
        app.MapPackageFiles();
        app.MapPackageDeltas();
        app.MapEnrolment();
        app.MapCommands();
        app.MapModels();
        app.MapRollouts();
        app.MapAlerts();
        app.MapAccess();
        app.MapPages();
        app.MapApiDescription();
        return app;
    }
}
