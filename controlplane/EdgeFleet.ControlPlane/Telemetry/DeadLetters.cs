using System.Collections.Concurrent;
using EdgeFleet.ControlPlane.Data;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Topics;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace EdgeFleet.ControlPlane.Telemetry;

/// <summary>Puts aside what cannot be taken: logged and counted each time, kept at most once a second a device and with a cap, never thrown.</summary>
internal sealed partial class DeadLetters(IDbContextFactory<FleetContext> contexts, IOptions<TelemetryOptions> options, TelemetryMeter meter, TimeProvider time, ILogger<DeadLetters> log)
{
    private const int ReasonLengthMax = 500;
    private readonly ConcurrentDictionary<DeviceId, long> _lastKept = [];

    /// <summary>Puts a message of an enrolled device aside.</summary>
    public async Task PutAsync(DeviceId device, TopicAddress topic, string reason, ReadOnlyMemory<byte> payload, CancellationToken cancel)
    {
        meter.PutAside();
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var text = Topic.Format(topic);
        reason = DatabaseText.Cut(reason, ReasonLengthMax);
        Log.MessagePutAside(log, device, text, payload.Length, reason);
        if (_lastKept.TryGetValue(device, out var last) && now - last is >= 0 and < 1000)
            return;

        _lastKept[device] = now;
        var letter = new DeadLetter
        {
            Device = device,
            Topic = text,
            Reason = reason.Replace('\0', ' '),
            Body = payload[..Math.Min(payload.Length, DeadLetter.BodyBytesMax)].ToArray(),
            Length = payload.Length,
            At = now,
        };
        try
        {
            await KeepAsync(letter, cancel);
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            Log.LetterNotKept(log, device, e);
        }
    }

    private async Task KeepAsync(DeadLetter letter, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        db.Add(letter);
        await db.SaveChangesAsync(cancel);
        var oldest = await db.Set<DeadLetter>().Where(d => d.Device == letter.Device).OrderByDescending(d => d.Id)
            .Skip(options.Value.DeadLettersPerDeviceMax).Select(d => (long?)d.Id).FirstOrDefaultAsync(cancel);
        if (oldest is { } id)
            await db.Set<DeadLetter>().Where(d => d.Device == letter.Device && d.Id <= id).ExecuteDeleteAsync(cancel);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Put aside a message of {Device} on {Topic} ({Bytes} bytes): {Reason}")]
        public static partial void MessagePutAside(ILogger logger, DeviceId device, string topic, int bytes, string reason);

        [LoggerMessage(2, LogLevel.Error, "A message of {Device} that was put aside could not be kept")]
        public static partial void LetterNotKept(ILogger logger, DeviceId device, Exception error);
    }
}
