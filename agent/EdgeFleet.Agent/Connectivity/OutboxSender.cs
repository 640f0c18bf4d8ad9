using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using Microsoft.Extensions.Logging;

namespace EdgeFleet.Agent.Connectivity;

/// <summary>Sends what waits in the outbox over one connection, events and their photos first, and forgets what is acknowledged.</summary>
internal sealed partial class OutboxSender(OutboxStore outbox, ConnectivityOptions options, TimeProvider time, ILogger log, LinkStatus status)
{
    private readonly SendWindow _window = new(TimeSpan.FromSeconds(options.AckTimeoutSeconds));
    private readonly long _start = time.GetTimestamp();

    private TimeSpan Now => time.GetElapsedTime(_start);

    /// <summary>Sends everything that is due and has room.</summary>
    /// <exception cref="LinkException">The connection is lost.</exception>
    public async Task SendDueAsync(IDeviceLink link, CancellationToken cancel)
    {
        if (_window.GiveUpOverdue(Now) is > 0 and var count)
            Log.AckOverdue(log, count);

        bool isSent;
        do
        {
            // One at a time, from the front again: an event that comes in meanwhile goes next.
            isSent = await SendBatchAsync(link, RecordStream.Event, cancel) || await SendPhotoAsync(link, cancel)
                || await SendBatchAsync(link, RecordStream.Minute, cancel) || await SendBatchAsync(link, RecordStream.Profile, cancel);
        }
        while (isSent);
    }

    /// <summary>Takes an acknowledgement: what it covers is deleted durably, then counts as gone.</summary>
    public void Acknowledge(Ack ack)
    {
        if (ack.Epoch != outbox.Epoch)
            return;

        outbox.Forget(ack);
        status.Acked();
        foreach (var (stream, through) in ack.Streams)
            _window.Acked(stream, through, Now);
        foreach (var digest in ack.Blobs)
            _window.Acked(digest, Now);
    }

    /// <summary>Time until something is due that no signal announces.</summary>
    public TimeSpan DueIn()
    {
        var due = TimeSpan.FromSeconds(options.BatchSeconds);
        if (_window.OverdueAt is { } overdue)
            due = Min(due, overdue - Now);
        var minutes = outbox.Waiting(RecordStream.Minute, _window.After(RecordStream.Minute));
        if (minutes.Count > 0 && _window.HasRoom(isBulk: true))
            due = Min(due, BatchBuilder.DueAt(minutes, options) - time.GetUtcNow());
        return due > TimeSpan.FromMilliseconds(50) ? due : TimeSpan.FromMilliseconds(50);
    }

    private async Task<bool> SendBatchAsync(IDeviceLink link, string stream, CancellationToken cancel)
    {
        var isBulk = stream != RecordStream.Event;
        var after = _window.After(stream);
        if (!_window.HasRoom(isBulk) || !BatchBuilder.IsDue(stream, outbox.Waiting(stream, after), options, time.GetUtcNow()))
            return false;

        var records = outbox.Read(stream, after, BatchBuilder.JsonBytesMax);
        if (records.Count == 0)
            return false;

        if (BatchBuilder.Build(outbox.Epoch, stream, outbox.Low(stream), records) is not { } batch)
        {
            outbox.DropUnreadable(stream, records[0].Seq);
            return true;
        }

        await link.SendAsync(batch, cancel);
        _window.Sent(stream, batch.Last, isBulk, Now);
        Log.BatchSent(log, stream, records[0].Seq, batch.Last, batch.Bytes.Length);
        return true;
    }

    private async Task<bool> SendPhotoAsync(IDeviceLink link, CancellationToken cancel)
    {
        if (!_window.HasRoom(isBulk: true))
            return false;

        // Photos whose event was acknowledged before a restart are below every number that is still held.
        var eventsSent = Math.Max(_window.After(RecordStream.Event), outbox.Low(RecordStream.Event) - 1);
        foreach (var digest in outbox.Blobs(eventsSent).Where(d => !_window.IsSent(d)))
        {
            if (outbox.Blob(digest) is not { } content)
                continue;
            await link.SendPhotoAsync(digest, content, cancel);
            _window.Sent(digest, Now);
            return true;
        }

        return false;
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} batches and photos not acknowledged in time: they are sent again")]
        public static partial void AckOverdue(ILogger logger, int count);

        [LoggerMessage(Level = LogLevel.Debug, Message = "BatchSent {Stream} {First} to {Last}: {Bytes} bytes")]
        public static partial void BatchSent(ILogger logger, string stream, long first, long last, int bytes);
    }
}
