using EdgeFleet.ControlPlane.Telemetry;
using EdgeFleet.ControlPlane.Tests.Data;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Statistics;

namespace EdgeFleet.ControlPlane.Tests.Rollouts.Evidence;

/// <summary>Writes minute rows and profiles of a fleet into the real store, as boards would have sent them.</summary>
internal sealed class FleetTelemetry(TestPlane plane)
{
    private readonly Dictionary<(string Device, string Stream), long> _next = [];

    /// <summary>Energy of an inference on a version, microjoule.</summary>
    public Func<string, double> Energy { get; set; } = _ => 1;

    /// <summary>Versions of which nothing arrives.</summary>
    public Func<string, bool> IsLost { get; set; } = _ => false;

    /// <summary>Answers by label on a version.</summary>
    public Func<string, long[]> Mix { get; set; } = _ => [50, 30, 20];

    /// <summary>Writes the minutes before now, and one profile over them.</summary>
    public async Task WriteAsync(IReadOnlyDictionary<string, string> runs, int minutes)
    {
        var to = plane.Time.GetUtcNow().ToUnixTimeMilliseconds();
        var batches = new List<RecordBatch>();
        foreach (var (device, version) in runs.Where(r => !IsLost(r.Value)))
        {
            // A board's own level and scatter, the same each time.
            var own = 1 + device.Sum(c => c) % 7 * 0.1;
            var rows = Enumerable.Range(0, minutes).Select(i => new MinuteRow
            {
                Slot = SimulatedFleet.Leaf, At = to - (minutes - i) * 60_000, Seconds = 60, Model = $"leaf@{version}", Answered = 20, P50Us = 1000, P95Us = (long)(20_000 * own), MaxUs = 3000,
                Confidence = 800, EnergyUj = (long)(100_000 * own * Energy(version) * (1 + (device.Sum(c => c) + minutes) % 5 * 0.004)),
            }).ToList();
            var profile = new HourlyProfile
            {
                Slot = SimulatedFleet.Leaf, At = to - minutes * 60_000, Seconds = minutes * 60, Model = $"leaf@{version}", Variant = "cpu-int8",
                QueueUs = new DdSketch(), PrepareUs = new DdSketch(), InferUs = new DdSketch(), PostUs = new DdSketch(), Outputs = Mix(version),
            };
            batches.Add(new MinuteRecords(Key(device, RecordStream.Minute), 1, Take(device, RecordStream.Minute, rows.Count), rows));
            batches.Add(new ProfileRecords(Key(device, RecordStream.Profile), 1, Take(device, RecordStream.Profile, 1), [profile]));
        }

        await plane.Store.AddAsync(batches, CancellationToken.None);
    }

    private static StreamKey Key(string device, string stream) => new(DeviceId.Parse(device), "epoch-1", stream);

    private long Take(string device, string stream, int count)
    {
        var first = _next.GetValueOrDefault((device, stream), 1);
        _next[(device, stream)] = first + count;
        return first;
    }
}
