using EdgeFleet.ControlPlane.Telemetry;
using EdgeFleet.Shared.Identity;

namespace EdgeFleet.ControlPlane.Devices;

/// <summary>Takes in, one by one and in order, what devices say of themselves. What fails is said again at the next connection or change.</summary>
internal sealed partial class DeviceConsumer(UplinkLanes lanes, DeviceIntake intake, ILogger<DeviceConsumer> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var message in lanes.Devices.Reader.ReadAllAsync(stoppingToken))
        {
            try
            {
                await intake.TakeAsync(message, stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                Log.MessageNotTaken(log, message.GetType().Name, message.Device, e);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "{Message} of {Device} was not taken in")]
        public static partial void MessageNotTaken(ILogger logger, string message, DeviceId device, Exception error);
    }
}
