using EdgeFleet.Benchmarks;
using EdgeFleet.Benchmarks.Drift;
using EdgeFleet.Benchmarks.Footprint;
using EdgeFleet.Benchmarks.FramePath;
using EdgeFleet.Benchmarks.KillMatrix;
using EdgeFleet.Benchmarks.Security;

var benchmarks = new Dictionary<string, Func<CancellationToken, Task<bool>>>
{
    ["drift"] = cancel => DriftBenchmark.RunAsync([.. args.Skip(1).Where(a => !a.StartsWith('-'))], cancel),
    ["footprint"] = FootprintBenchmark.RunAsync,
    ["frame-path"] = FramePathBenchmark.RunAsync,
    ["kill-matrix"] = cancel => KillMatrixBenchmark.RunAsync([.. args.Skip(1).Where(a => !a.StartsWith('-'))], cancel),
    ["security"] = cancel => SecurityBenchmark.RunAsync([.. args.Skip(1).Where(a => !a.StartsWith('-'))], cancel),
};
var parts = new Dictionary<string, Func<CancellationToken, Task<bool>>> { [PlainBroker.Word] = PlainBroker.RunAsync };

if (args is not [var name, ..] || !(benchmarks.TryGetValue(name, out var run) || parts.TryGetValue(name, out run)))
{
    Console.Error.WriteLine($"Name a benchmark: {string.Join(", ", benchmarks.Keys)}");
    return 2;
}

// A network of its own: what crosses its loopback is the benchmark's and nobody else's.
if (OwnNetwork.IsWanted(args))
    return OwnNetwork.RunAgain(args);

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    stop.Cancel();
};
return await run(stop.Token) ? 0 : 1;
