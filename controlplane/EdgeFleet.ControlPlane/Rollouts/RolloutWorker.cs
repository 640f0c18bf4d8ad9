using Microsoft.Extensions.Options;

namespace EdgeFleet.ControlPlane.Rollouts;

/// <summary>Looks at the open rollouts at each tick. It may run on every replica: what is right is decided by compare-and-set, not by who comes first.</summary>
internal sealed partial class RolloutWorker(RolloutRunner runner, IOptions<RolloutOptions> options, TimeProvider time, ILogger<RolloutWorker> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(options.Value.TickSeconds), time);
        do
        {
            try
            {
                await runner.TickAsync(stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                // A database that is away for a while must not end the worker: the rows hold everything, so the next tick goes on.
                LogTickFailed(logger, e);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A look at the rollouts failed; the next tick tries again. If this repeats, look at the database and the disk.")]
    private static partial void LogTickFailed(ILogger logger, Exception e);
}
