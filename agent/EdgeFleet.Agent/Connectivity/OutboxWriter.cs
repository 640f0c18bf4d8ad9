using System.Text.Json;
using System.Threading.Channels;
using EdgeFleet.Agent.Monitoring;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using Microsoft.Extensions.Logging;

namespace EdgeFleet.Agent.Connectivity;

/// <summary>
/// The one writer of the outbox: takes records from the slots without waiting and commits them in groups. While the disk takes none they wait
/// here; what has no room here either is counted by slot and reported as a gap once writing works again.
/// </summary>
internal sealed partial class OutboxWriter : IRecordSink, IAsyncDisposable
{
    private const int WaitingMax = 2048;
    private const int GroupMax = 256;
    private const long PhotoBytesMax = 4L << 20;

    /// <summary>Largest record, in bytes of JSON: alone in a batch it must fit into a message however badly it packs.</summary>
    public const int RecordBytesMax = WireCodec.UpBytesMax - 4096;

    private static readonly TimeSpan RetryAfterMax = TimeSpan.FromSeconds(10);

    private readonly Channel<Waiting> _waiting = Channel.CreateBounded<Waiting>(new BoundedChannelOptions(WaitingMax) { SingleReader = true });
    private readonly Dictionary<SlotName, Loss> _lost = [];
    private readonly OutboxStore _store;
    private readonly ConnectivityOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _loop;
    private long _photoBytes;

    /// <summary>Begins to write.</summary>
    public OutboxWriter(OutboxStore store, ConnectivityOptions options, TimeProvider time, ILogger<OutboxWriter> log)
    {
        (_store, _options, _time, _log) = (store, options, time, log);
        _loop = Task.Run(WriteAsync);
    }

    /// <inheritdoc/>
    public void Add(MinuteRow row) => Keep(new Waiting(RecordStream.Minute, row.Slot, row));

    /// <inheritdoc/>
    public void Add(HourlyProfile profile) => Keep(new Waiting(RecordStream.Profile, profile.Slot, profile));

    /// <inheritdoc/>
    public void Add(DeviceEvent happened, ReadOnlyMemory<byte> photo = default)
    {
        if (photo.Length > WireCodec.BlobBytesMax || Interlocked.Read(ref _photoBytes) + photo.Length > PhotoBytesMax)
        {
            Log.PhotoLeftOut(_log, happened.Slot, photo.Length);
            photo = default;
        }

        Keep(new Waiting(RecordStream.Event, happened.Slot, happened, photo));
    }

    /// <summary>Completes when everything added before is committed, or cannot be.</summary>
    public async Task FlushAsync()
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await _waiting.Writer.WriteAsync(new Waiting("", default, done));
        await done.Task;
    }

    /// <summary>Commits what waits and ends. With a disk that takes nothing it tries once more and gives up.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_waiting.Writer.TryComplete())
            return;

        await _closing.CancelAsync();
        await _loop;
        _closing.Dispose();
    }

    private void Keep(Waiting record)
    {
        Interlocked.Add(ref _photoBytes, record.Photo.Length);
        if (_waiting.Writer.TryWrite(record))
            return;

        Interlocked.Add(ref _photoBytes, -record.Photo.Length);
        Lose(record.Slot, "The disk took no records and memory had no more room for them.");
    }

    private void Lose(SlotName slot, string reason)
    {
        var now = _time.GetUtcNow().ToUnixTimeMilliseconds();
        lock (_lost)
            _lost[slot] = _lost.TryGetValue(slot, out var lost) ? lost with { To = now, Count = lost.Count + 1 } : new Loss(slot, now, now, 1, reason);
    }

    private async Task WriteAsync()
    {
        while (await _waiting.Reader.WaitToReadAsync())
        {
            await PauseAsync(TimeSpan.FromMilliseconds(_options.CommitMs));
            var group = new List<Waiting>();
            while (group.Count < GroupMax && _waiting.Reader.TryRead(out var next))
                group.Add(next);
            try
            {
                await CommitAsync(group);
            }
            catch (Exception e)
            {
                // A record that cannot be written as JSON must not end the writing of all others.
                Log.GroupLost(_log, e, group.Count);
                foreach (var record in group.Where(r => r.Record is not TaskCompletionSource))
                    Lose(record.Slot, "The records could not be written.");
            }

            Interlocked.Add(ref _photoBytes, -group.Sum(r => (long)r.Photo.Length));
            foreach (var flush in group.Select(r => r.Record).OfType<TaskCompletionSource>())
                flush.TrySetResult();
        }
    }

    private async Task CommitAsync(List<Waiting> group)
    {
        var records = group.Where(r => r.Record is not TaskCompletionSource).Select(Encode).OfType<NewRecord>().ToList();
        for (var retry = TimeSpan.FromMilliseconds(500); ; retry = retry * 2 < RetryAfterMax ? retry * 2 : RetryAfterMax)
        {
            var losses = TakeLosses();
            var all = losses.Select(l => OutboxThinning.GapOf(l, _time.GetUtcNow().ToUnixTimeMilliseconds())).Concat(records).ToList();
            if (all.Count == 0 || _store.TryAppend(all))
                return;

            GiveBack(losses);
            if (_closing.IsCancellationRequested)
            {
                Log.LostAtEnd(_log, records.Count);
                return;
            }

            await PauseAsync(retry);
        }
    }

    private NewRecord? Encode(Waiting waiting)
    {
        var photo = waiting.Photo.IsEmpty ? null : new Photo(Sha256Digest.Of(waiting.Photo.Span), waiting.Photo);
        var payload = waiting.Record switch
        {
            MinuteRow row => JsonSerializer.SerializeToUtf8Bytes(row, WireJson.Default.MinuteRow),
            HourlyProfile profile => JsonSerializer.SerializeToUtf8Bytes(profile, WireJson.Default.HourlyProfile),
            // An event names a photo only when the photo comes with it.
            DeviceEvent { Alert: { } alert } e => JsonSerializer.SerializeToUtf8Bytes(e with { Alert = alert with { Photo = photo?.Digest } }, WireJson.Default.DeviceEvent),
            DeviceEvent { Disagreement: { } seen } e =>
                JsonSerializer.SerializeToUtf8Bytes(e with { Disagreement = seen with { Photo = photo?.Digest } }, WireJson.Default.DeviceEvent),
            DeviceEvent e => JsonSerializer.SerializeToUtf8Bytes(e, WireJson.Default.DeviceEvent),
            _ => throw new InvalidOperationException($"{waiting.Record.GetType().Name} is not a record of the outbox."),
        };
        if (payload.Length <= RecordBytesMax)
            return new NewRecord(waiting.Stream, waiting.Slot, payload, photo);

        Lose(waiting.Slot, $"A record of {payload.Length} bytes fits into no message ({RecordBytesMax} bytes).");
        return null;
    }

    private List<Loss> TakeLosses()
    {
        lock (_lost)
        {
            List<Loss> losses = [.. _lost.Values];
            _lost.Clear();
            return losses;
        }
    }

    private void GiveBack(List<Loss> losses)
    {
        lock (_lost)
        {
            foreach (var loss in losses)
                _lost[loss.Slot] = _lost.TryGetValue(loss.Slot, out var later) ? loss with { To = later.To, Count = loss.Count + later.Count } : loss;
        }
    }

    private async Task PauseAsync(TimeSpan length) =>
        await Task.Delay(length, _time, _closing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private sealed record Waiting(string Stream, SlotName Slot, object Record, ReadOnlyMemory<byte> Photo = default);

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "Photo of {Bytes} bytes of slot {Slot} left out: over the cap of a blob, or too many wait for the disk")]
        public static partial void PhotoLeftOut(ILogger logger, SlotName slot, int bytes);

        [LoggerMessage(Level = LogLevel.Error, Message = "{Count} records could not be written")]
        public static partial void GroupLost(ILogger logger, Exception exception, int count);

        [LoggerMessage(Level = LogLevel.Error, Message = "{Count} records lost at the end: the disk took none")]
        public static partial void LostAtEnd(ILogger logger, int count);
    }
}
