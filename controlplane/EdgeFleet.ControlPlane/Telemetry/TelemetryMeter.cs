using System.Diagnostics.Metrics;

namespace EdgeFleet.ControlPlane.Telemetry;

/// <summary>Counts of the intake, for whoever listens to the meter.</summary>
internal sealed class TelemetryMeter : IDisposable
{
    /// <summary>Name of the meter.</summary>
    public const string Name = "EdgeFleet.Telemetry";

    private readonly Meter _meter = new(Name);
    private readonly Counter<long> _records;
    private readonly Counter<long> _blobs;
    private readonly Counter<long> _putAside;

    public TelemetryMeter()
    {
        _records = _meter.CreateCounter<long>("edgefleet.records", "{record}", "Records received, repeated ones included");
        _blobs = _meter.CreateCounter<long>("edgefleet.blobs", "{blob}", "Blobs stored");
        _putAside = _meter.CreateCounter<long>("edgefleet.put_aside", "{message}", "Messages that could not be taken");
    }

    /// <summary>Records were committed.</summary>
    public void Committed(string stream, long count) => _records.Add(count, new KeyValuePair<string, object?>("stream", stream));

    /// <summary>A blob was stored.</summary>
    public void BlobStored() => _blobs.Add(1);

    /// <summary>A message was put aside.</summary>
    public void PutAside() => _putAside.Add(1);

    public void Dispose() => _meter.Dispose();
}
