using EdgeFleet.ControlPlane.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace EdgeFleet.ControlPlane.Telemetry;

/// <summary>Makes the telemetry store ready, and lets old days go once an hour.</summary>
internal sealed partial class RetentionWorker(ITelemetryStore store, IDbContextFactory<FleetContext> contexts, IOptions<TelemetryOptions> options, TimeProvider time, ILogger<RetentionWorker> log) : BackgroundService
{
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await store.PrepareAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromHours(1), time);
        do
        {
            try
            {
                await SweepAsync(stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                Log.SweepFailed(log, e);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>Removes what is older than the retention.</summary>
    public async Task SweepAsync(CancellationToken cancel)
    {
        if (options.Value.RetentionDays is not (> 0 and var days))
            return;

        var first = Day.Of(time.GetUtcNow()).Plus(-days);
        var removed = await store.RemoveBeforeAsync(first, cancel);
        if (removed > 0)
            Log.DaysRemoved(log, removed, first.ToString());

        // Events stay in the sum of their stream: their keys are few and the numbers must add up, so only what they said goes.
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var before = first.From;
        await db.Set<EventRow>().Where(e => e.Received < before && e.Body != "").ExecuteUpdateAsync(e => e.SetProperty(x => x.Body, ""), cancel);
        await db.Set<DeadLetter>().Where(d => d.At < before).ExecuteDeleteAsync(cancel);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "{Count} days of telemetry before {First} were removed")]
        public static partial void DaysRemoved(ILogger logger, int count, string first);

        [LoggerMessage(2, LogLevel.Error, "Old telemetry was not removed; it is tried again in an hour")]
        public static partial void SweepFailed(ILogger logger, Exception error);
    }
}
