using EdgeFleet.ControlPlane.Broker;
using EdgeFleet.ControlPlane.Data;
using EdgeFleet.ControlPlane.Devices;
using Microsoft.EntityFrameworkCore;

namespace EdgeFleet.ControlPlane.Enrolment;

/// <summary>
/// Looks once a minute whether those who are connected are still welcome: a connection may outlive its certificate, and another process over the
/// same database may have shut a device out.
/// </summary>
internal sealed partial class AdmissionWorker(
    IDbContextFactory<FleetContext> contexts, IDeviceConnections connections, TimeProvider time, ILogger<AdmissionWorker> log) : BackgroundService
{
    private const int DevicesPerQuery = 500;
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await LookAsync(stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                Log.NotLooked(log, e);
            }
        }
    }

    /// <summary>Cuts those who are not.</summary>
    public async Task LookAsync(CancellationToken cancel)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (var some in connections.Connected.Chunk(DevicesPerQuery))
        {
            await using var db = await contexts.CreateDbContextAsync(cancel);
            var over = await db.Set<Device>().Where(d => some.Contains(d.Id) && (d.Revoked != null || d.CertificateEnds <= now)).Select(d => d.Id).ToListAsync(cancel);
            foreach (var device in over)
                await connections.DisconnectAsync(device);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "Those who are connected were not looked through; it is tried again in a minute")]
        public static partial void NotLooked(ILogger logger, Exception error);
    }
}
