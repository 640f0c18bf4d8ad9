using EdgeFleet.ControlPlane.Broker;
using EdgeFleet.Shared.Identity;

namespace EdgeFleet.ControlPlane.Telemetry;

/// <summary>Sends acknowledgements that are due. One that is lost is no harm: the device sends again and is answered again.</summary>
internal sealed partial class AckWorker(AckCoalescer acks, IDownlink downlink, TimeProvider time, ILogger<AckWorker> log) : BackgroundService
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(50);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Tick, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            await SendDueAsync(stoppingToken);
    }

    /// <summary>Sends what is due now.</summary>
    public async Task SendDueAsync(CancellationToken cancel)
    {
        foreach (var (device, ack) in acks.TakeDue(time.GetUtcNow()))
        {
            try
            {
                await downlink.SendAckAsync(device, ack, cancel);
            }
            catch (Exception e) when (!cancel.IsCancellationRequested)
            {
                Log.AckNotSent(log, device, e);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "An acknowledgement to {Device} was not sent; it will ask again")]
        public static partial void AckNotSent(ILogger logger, DeviceId device, Exception error);
    }
}
