using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Serilog;
using Serilog.Events;
using Serilog.Formatting.Compact;

namespace EdgeFleet.Agent.Hosting;

/// <summary>The ground of the process: its own options, time, systemd, logs.</summary>
internal static class HostingSetup
{
    private const string ConsoleTemplate = "{Timestamp:yyyy-MM-dd HH:mm:ss.fff} [{Level:u3}] {SourceContext}: {Message:lj}{NewLine}{Exception}";

    /// <summary>Adds them.</summary>
    public static IServiceCollection AddHosting(this IServiceCollection services, IConfiguration configuration)
    {
        var agent = services.AddSection(configuration, AgentOptions.Section, AgentOptions.Read);
        var logging = services.AddSection(configuration, LoggingOptions.Section, LoggingOptions.Read);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSystemd();
        services.AddHostedService<MemoryWorker>();
        // Native runs end within their own deadline, which may be longer than the host's patience of 30 s.
        services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.FromSeconds(45));
        return services.AddSerilog(to => Configure(to, agent, logging));
    }

    // In code, not by Serilog.Settings.Configuration: that one finds its sinks by reflection and logs nothing after trimming.
    private static void Configure(LoggerConfiguration to, AgentOptions agent, LoggingOptions logging) => to
        .MinimumLevel.Is(logging.Level)
        .MinimumLevel.Override("Microsoft", Max(logging.Level, LogEventLevel.Warning))
        .WriteTo.Console(outputTemplate: ConsoleTemplate, formatProvider: System.Globalization.CultureInfo.InvariantCulture)
        .WriteTo.File(
            new CompactJsonFormatter(),
            Path.Combine(agent.StateFolder, "logs", "agent-.clef"),
            rollingInterval: RollingInterval.Day,
            fileSizeLimitBytes: logging.FileSizeMb * 1024L * 1024,
            rollOnFileSizeLimit: true,
            retainedFileCountLimit: logging.FilesMax);

    private static LogEventLevel Max(LogEventLevel a, LogEventLevel b) => a > b ? a : b;
}
