using EdgeFleet.ControlPlane.Data;
using Microsoft.EntityFrameworkCore;

namespace EdgeFleet.ControlPlane.Devices;

/// <summary>Writes down now and then when devices were last heard, so that a message does not cost a write.</summary>
internal sealed partial class HeardWorker(KnownDevices known, IDbContextFactory<FleetContext> contexts, TimeProvider time, ILogger<HeardWorker> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await WriteAsync(stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                Log.HeardNotWritten(log, e);
            }
        }
    }

    /// <summary>Writes what changed.</summary>
    public async Task WriteAsync(CancellationToken cancel)
    {
        var heard = known.TakeHeard();
        if (heard.Count == 0)
            return;

        await using var db = await contexts.CreateDbContextAsync(cancel);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        foreach (var (device, at) in heard)
            await db.Set<Device>().Where(d => d.Id == device && d.LastHeard < at).ExecuteUpdateAsync(d => d.SetProperty(x => x.LastHeard, at), cancel);
        await transaction.CommitAsync(cancel);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "When devices were last heard was not written; the next message of each will be")]
        public static partial void HeardNotWritten(ILogger logger, Exception error);
    }
}
