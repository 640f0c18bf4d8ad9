using EdgeFleet.Shared.Trust.Tuf;

namespace EdgeFleet.ControlPlane.Models;

/// <summary>Looks at the start and once an hour whether snapshot and timestamp are due.</summary>
internal sealed partial class PackageMetadataWorker(PackageMetadata metadata, TimeProvider time, ILogger<PackageMetadataWorker> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        do
        {
            try
            {
                if (metadata.KeepFresh())
                    Log.Signed(log);
            }
            catch (Exception e) when (e is TufException or IOException or UnauthorizedAccessException)
            {
                Log.NotSigned(log, e.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "PackageMetadataSigned: snapshot or timestamp were due")]
        public static partial void Signed(ILogger logger);

        [LoggerMessage(LogLevel.Error, "PackageMetadataNotSigned: {Reason} Boards take no new package once the timestamp has ended; a root that names this key mends it (edgefleet key online, rotate, publish)")]
        public static partial void NotSigned(ILogger logger, string reason);
    }
}
