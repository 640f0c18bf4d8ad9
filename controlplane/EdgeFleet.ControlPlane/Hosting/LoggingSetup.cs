using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Serilog;
using Serilog.Events;
using Serilog.Formatting.Compact;

namespace EdgeFleet.ControlPlane.Hosting;

/// <summary>What is logged and where. Section <c>Logging</c>.</summary>
internal sealed class LoggingOptions
{
    public const string Section = "Logging";

    /// <summary>Least level: Verbose, Debug, Information, Warning or Error.</summary>
    [EnumDataType(typeof(LogEventLevel), ErrorMessage = "is not a level: Verbose, Debug, Information, Warning or Error")]
    public string Level { get; set; } = nameof(LogEventLevel.Information);

    /// <summary>File for compact JSON lines, a new one each day, 14 kept; null for the console alone.</summary>
    public string? File { get; set; }
}

/// <summary>Serilog, configured in code.</summary>
internal static class LoggingSetup
{
    private const string Line = "{Timestamp:yyyy-MM-ddTHH:mm:ss.fffzzz} {Level:u3} {SourceContext}: {Message:lj}{NewLine}{Exception}";

    public static IServiceCollection AddLogs(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<LoggingOptions>().BindConfiguration(LoggingOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        var options = configuration.GetSection(LoggingOptions.Section);
        var level = Enum.TryParse<LogEventLevel>(options[nameof(LoggingOptions.Level)], out var parsed) ? parsed : LogEventLevel.Information;
        var logs = new LoggerConfiguration().MinimumLevel.Is(level)
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
            .MinimumLevel.Override("Microsoft.Hosting.Lifetime", LogEventLevel.Information)
            .MinimumLevel.Override("Microsoft.AspNetCore.DataProtection", LogEventLevel.Error)
            // A start that fails ends the process with a sentence, or with the stack trace of a bug; twice is once too often.
            .Filter.ByExcluding(e => e.MessageTemplate.Text is "Hosting failed to start" or "Unable to start Kestrel.")
            .Enrich.FromLogContext()
            .WriteTo.Console(outputTemplate: Line, formatProvider: CultureInfo.InvariantCulture);
        if (options[nameof(LoggingOptions.File)] is { Length: > 0 } file)
            logs.WriteTo.File(new CompactJsonFormatter(), file, rollingInterval: RollingInterval.Day, retainedFileCountLimit: 14);
        return services.AddSerilog(logs.CreateLogger(), dispose: true);
    }
}
