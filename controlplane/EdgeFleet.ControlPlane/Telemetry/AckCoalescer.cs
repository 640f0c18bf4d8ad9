using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;

namespace EdgeFleet.ControlPlane.Telemetry;

/// <summary>
/// Gathers what is committed into acknowledgements: cumulative, one epoch each, and to one device at most one in a span. Pure but for its lock;
/// <see cref="AckWorker"/> sends.
/// </summary>
internal sealed class AckCoalescer(TimeSpan every)
{
    private const int BlobsMax = 256;
    private readonly Lock _lock = new();
    private readonly Dictionary<DeviceId, Waiting> _waiting = [];
    private readonly Dictionary<DeviceId, DateTimeOffset> _lastSent = [];

    /// <summary>A stream is committed up to a number.</summary>
    public void Add(StreamKey key, long acknowledged)
    {
        lock (_lock)
        {
            var streams = WaitingOf(key.Device, key.Epoch).Streams;
            streams[key.Stream] = Math.Max(acknowledged, streams.GetValueOrDefault(key.Stream));
        }
    }

    /// <summary>A blob is stored.</summary>
    public void AddBlob(DeviceId device, string epoch, Sha256Digest blob)
    {
        lock (_lock)
            WaitingOf(device, epoch).Blobs.Add(blob);
    }

    /// <summary>A hello is answered at once, even when nothing was ever received.</summary>
    public void AnswerHello(DeviceId device, string epoch)
    {
        lock (_lock)
        {
            WaitingOf(device, epoch);
            _lastSent.Remove(device);
        }
    }

    /// <summary>Takes out what may be sent now.</summary>
    public IReadOnlyList<(DeviceId Device, Ack Ack)> TakeDue(DateTimeOffset now)
    {
        lock (_lock)
        {
            var due = new List<(DeviceId, Ack)>();
            foreach (var (device, waiting) in _waiting.Where(w => !_lastSent.TryGetValue(w.Key, out var last) || now - last >= every).ToList())
            {
                due.Add((device, waiting.ToAck(BlobsMax)));
                if (waiting.Blobs.Count == 0)
                    _waiting.Remove(device);
                _lastSent[device] = now;
            }

            foreach (var quiet in _lastSent.Where(s => now - s.Value >= every && !_waiting.ContainsKey(s.Key)).Select(s => s.Key).ToList())
                _lastSent.Remove(quiet);
            return due;
        }
    }

    // An older epoch that still waits is dropped: the device ignores it by then.
    private Waiting WaitingOf(DeviceId device, string epoch)
    {
        if (!_waiting.TryGetValue(device, out var waiting) || waiting.Epoch != epoch)
            _waiting[device] = waiting = new Waiting(epoch);
        return waiting;
    }

    private sealed class Waiting(string epoch)
    {
        public string Epoch { get; } = epoch;

        public Dictionary<string, long> Streams { get; } = [];

        public HashSet<Sha256Digest> Blobs { get; } = [];

        public Ack ToAck(int blobsMax)
        {
            var blobs = Blobs.Take(blobsMax).ToList();
            Blobs.ExceptWith(blobs);
            return new Ack { Epoch = Epoch, Streams = new Dictionary<string, long>(Streams), Blobs = blobs };
        }
    }
}
