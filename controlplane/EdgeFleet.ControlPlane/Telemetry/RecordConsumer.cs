using Microsoft.Extensions.Options;

namespace EdgeFleet.ControlPlane.Telemetry;

/// <summary>
/// Reads batches off their lane and takes what waits in as one group, so that many devices share a commit. A group that fails is tried batch by batch,
/// so that the fault of one is not the fault of all; what fails alone is not acknowledged and comes again.
/// </summary>
internal sealed partial class RecordConsumer(UplinkLanes lanes, RecordIntake intake, IOptions<TelemetryOptions> options, TelemetryMeter meter, ILogger<RecordConsumer> log) : BackgroundService
{
    private const int TriesMax = 5;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var reader = lanes.Records.Reader;
        var group = new List<RecordBatch>();
        while (await reader.WaitToReadAsync(stoppingToken))
        {
            while (group.Count < options.Value.GroupMax && reader.TryRead(out var batch))
                group.Add(batch);
            await TakeAsync(group, stoppingToken);
            group.Clear();
        }
    }

    /// <summary>Takes a group in.</summary>
    public async Task TakeAsync(IReadOnlyList<RecordBatch> group, CancellationToken cancel)
    {
        foreach (var batch in group.OfType<EventRecords>())
            await TryAsync([batch], () => intake.TakeEventsAsync(batch, cancel), cancel);

        List<RecordBatch> telemetry = [.. group.Where(b => b is not EventRecords)];
        if (telemetry.Count == 0 || await TryAsync(telemetry, () => intake.TakeTelemetryAsync(telemetry, cancel), cancel) || telemetry.Count == 1)
            return;

        foreach (var batch in telemetry)
            await TryAsync([batch], () => intake.TakeTelemetryAsync([batch], cancel), cancel);
    }

    private async Task<bool> TryAsync(IReadOnlyList<RecordBatch> batches, Func<Task> take, CancellationToken cancel)
    {
        try
        {
            await TakeOnNewestAsync(take);
            foreach (var batch in batches.Where(b => b is not EventRecords))
                meter.Committed(batch.Key.Stream, batch.Count);
            return true;
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            Log.BatchesNotTaken(log, batches.Count, batches[0].Key.Device.Value, batches[0].Key.Stream, e);
            return false;
        }
    }

    // Another process that moved a cursor left new facts, not a fault.
    private static async Task TakeOnNewestAsync(Func<Task> take)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                await take();
                return;
            }
            catch (CursorMovedException) when (tries < TriesMax)
            {
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "{Count} batches ({Stream} of {Device} first) were not taken in; they are not acknowledged and come again")]
        public static partial void BatchesNotTaken(ILogger logger, int count, string device, string stream, Exception error);
    }
}
