using System.Buffers;
using EdgeFleet.Agent.Sources.Live;

namespace EdgeFleet.Agent.Sources.Mqtt;

/// <summary>Turns messages into frames or readings. The client's receiving side is its one caller.</summary>
internal sealed class MqttIntake(MqttSourceOptions options, LatestFrame latest, WindowGatherer? gatherer, SourceCounters counters)
{
    private readonly IReadingParser? _parser = gatherer is null ? null : ReadingParser.For(options.Lines!.Value, gatherer);
    private byte[] _joined = [];
    private string _unusable = "";
    private long _images;

    /// <summary>Where frames wait.</summary>
    public LatestFrame Latest => latest;

    /// <summary>What is counted.</summary>
    public SourceCounters Counters => counters;

    /// <summary>Images or usable readings so far.</summary>
    public long Whole => gatherer?.Rows ?? Interlocked.Read(ref _images);

    /// <summary>What could not be used of the last message; empty when it could.</summary>
    public string Complaint() => _unusable;

    /// <summary>A connection begins: no window spans what was missed.</summary>
    public void Restart() => gatherer?.Restart();

    /// <summary>Takes a message in.</summary>
    public void Take(in ReadOnlySequence<byte> payload, string topic)
    {
        if (payload.Length > options.BytesMax)
        {
            Refuse($"A message on {topic} has {payload.Length} bytes; at most {options.BytesMax} are taken.");
            return;
        }

        var bytes = Joined(payload);
        if (_parser is null)
        {
            TakeImage(bytes, topic);
            return;
        }

        var before = gatherer!.Rows;
        _parser.Parse(bytes);
        if (gatherer.Rows > before)
            _unusable = "";
        else if (gatherer.Columns is not null)
            Refuse($"A message on {topic} has no reading of the columns {string.Join(", ", gatherer.Columns)} that is all numbers.");
    }

    private void TakeImage(ReadOnlySpan<byte> bytes, string topic)
    {
        if (bytes is not ([0xFF, 0xD8, 0xFF, ..] or [0x89, (byte)'P', (byte)'N', (byte)'G', ..]))
        {
            Refuse($"A message on {topic} of {bytes.Length} bytes is neither a JPEG nor a PNG.");
            return;
        }

        _unusable = "";
        Interlocked.Increment(ref _images);
        latest.Writing.Append(bytes);
        latest.Publish();
    }

    private void Refuse(string why)
    {
        _unusable = why;
        counters.AddUnusable();
    }

    private ReadOnlySpan<byte> Joined(in ReadOnlySequence<byte> payload)
    {
        if (payload.IsSingleSegment)
            return payload.FirstSpan;
        if (_joined.Length < payload.Length)
            _joined = new byte[payload.Length];
        payload.CopyTo(_joined);
        return _joined.AsSpan(0, (int)payload.Length);
    }
}
