using System.Data.Common;
using System.Text.Json;
using EdgeFleet.ControlPlane.Devices;
using EdgeFleet.Shared.Api;

namespace EdgeFleet.ControlPlane.Access;

/// <summary>
/// Says once an hour, in the process's log, where the audit log ends, signed: journals and log servers keep it out of reach of whoever can
/// write to the database. <c>edgefleet audit verify --head</c> takes such a line.
/// </summary>
internal sealed partial class AuditHeadWorker(IAuditLog audit, DesiredSigner signer, TimeProvider time, ILogger<AuditHeadWorker> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        long said = 0;
        do
        {
            try
            {
                var head = await audit.HeadAsync(stoppingToken);
                if (head.Entries == said)
                    continue;

                Log.AuditHead(log, JsonSerializer.Serialize(signer.Sign(head), ApiJson.Default.SignedAuditHead));
                said = head.Entries;
            }
            catch (DbException e)
            {
                Log.AuditHeadNotRead(log, e);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "AuditHead {Head}")]
        public static partial void AuditHead(ILogger logger, string head);

        [LoggerMessage(LogLevel.Warning, "The end of the audit log could not be read; it is tried again in an hour")]
        public static partial void AuditHeadNotRead(ILogger logger, Exception error);
    }
}
