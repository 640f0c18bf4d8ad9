using EdgeFleet.ControlPlane.Broker;
using EdgeFleet.ControlPlane.Data;
using Microsoft.Extensions.Options;
using Npgsql;

namespace EdgeFleet.ControlPlane.Telemetry;

/// <summary>Registers the intake of what devices publish.</summary>
internal static class TelemetrySetup
{
    /// <summary>Adds <see cref="IUplink"/>, the consumers behind it and the stores.</summary>
    public static IServiceCollection AddTelemetry(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<TelemetryOptions>().BindConfiguration(TelemetryOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<TelemetryMeter>().AddSingleton<DeadLetters>().AddSingleton<UplinkLanes>().AddSingleton<IUplink, UplinkDispatcher>();
        services.AddSingleton<CursorStore>().AddSingleton<EventIntake>().AddSingleton<RecordIntake>();
        services.AddSingleton(s => new AckCoalescer(TimeSpan.FromMilliseconds(s.GetRequiredService<IOptions<TelemetryOptions>>().Value.AckEveryMs)));

        if (configuration.GetSection(DatabaseOptions.Section).Get<DatabaseOptions>() is { Provider: DatabaseOptions.Postgres } database)
        {
            services.AddSingleton(_ => NpgsqlDataSource.Create(database.Connection));
            services.AddSingleton<ITelemetryStore, PostgresTelemetryStore>();
        }
        else
        {
            services.AddSingleton<ITelemetryStore, SqliteTelemetryStore>();
        }

        return services.AddHostedService<RetentionWorker>().AddHostedService<RecordConsumer>().AddHostedService<BlobConsumer>().AddHostedService<AckWorker>();
    }
}
