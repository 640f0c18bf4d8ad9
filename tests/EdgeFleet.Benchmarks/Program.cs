using System.Runtime.InteropServices;
using EdgeFleet.Benchmarks;
using EdgeFleet.Benchmarks.Compat;
using EdgeFleet.Benchmarks.Delta;
using EdgeFleet.Benchmarks.Drift;
using EdgeFleet.Benchmarks.Footprint;
using EdgeFleet.Benchmarks.FramePath;
using EdgeFleet.Benchmarks.Fuzz;
using EdgeFleet.Benchmarks.Install;
using EdgeFleet.Benchmarks.IoFaults;
using EdgeFleet.Benchmarks.KillMatrix;
using EdgeFleet.Benchmarks.Quantize;
using EdgeFleet.Benchmarks.Rollout;
using EdgeFleet.Benchmarks.Security;
using EdgeFleet.Benchmarks.Swap;
using EdgeFleet.Benchmarks.Tuf;

var benchmarks = new Dictionary<string, Func<CancellationToken, Task<bool>>>
{
    ["compat"] = cancel => CompatBenchmark.RunAsync([.. args.Skip(1).Where(a => !a.StartsWith('-'))], cancel),
    ["delta"] = DeltaBenchmark.RunAsync,
    ["drift"] = cancel => DriftBenchmark.RunAsync([.. args.Skip(1).Where(a => !a.StartsWith('-'))], cancel),
    ["footprint"] = FootprintBenchmark.RunAsync,
    ["frame-path"] = FramePathBenchmark.RunAsync,
    ["fuzz"] = cancel => FuzzBenchmark.RunAsync([.. args.Skip(1).Where(a => !a.StartsWith('-'))], cancel),
    ["install"] = cancel => InstallBenchmark.TellAsync(args, cancel),
    ["io-faults"] = cancel => IoFaultsBenchmark.RunAsync([.. args.Skip(1).Where(a => !a.StartsWith('-'))], cancel),
    ["kill-matrix"] = cancel => KillMatrixBenchmark.RunAsync([.. args.Skip(1).Where(a => !a.StartsWith('-'))], cancel),
    ["quantize"] = QuantizeBenchmark.RunAsync,
    ["rollout"] = cancel => RolloutBenchmark.RunAsync([.. args.Skip(1).Where(a => !a.StartsWith('-'))], cancel),
    ["security"] = cancel => SecurityBenchmark.RunAsync([.. args.Skip(1).Where(a => !a.StartsWith('-'))], cancel),
    ["swap"] = SwapBenchmark.RunAsync,
    ["tuf"] = TufBenchmark.RunAsync,
};
var parts = new Dictionary<string, Func<CancellationToken, Task<bool>>>
{
    [FuzzBenchmark.Word] = _ => FuzzBenchmark.RunOneAsync([.. args.Skip(1)]),
    [PlainBroker.Word] = PlainBroker.RunAsync,
    [CalibrationChild.Word] = CalibrationChild.RunAsync,
    [DeltaTool.MakeWord] = cancel => DeltaTool.MakeAsync([.. args.Skip(2)], cancel),
    [DeltaTool.ApplyWord] = cancel => DeltaTool.ApplyAsync([.. args.Skip(2)], cancel),
};

if (args is not [var name, ..] || !(benchmarks.TryGetValue(name, out var run) || parts.TryGetValue(name, out run)))
{
    Console.Error.WriteLine($"Name a benchmark: {string.Join(", ", benchmarks.Keys)}");
    return 2;
}

// A network of its own: what crosses its loopback is the benchmark's and nobody else's. Compat builds earlier versions, whose packages may have to be fetched.
if (name is not ("install" or "compat") && OwnNetwork.IsWanted(args))
    return OwnNetwork.RunAgain(args);

using var stop = new CancellationTokenSource();
void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    stop.Cancel();
}

using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
if (name == "install" && !InstallBenchmark.IsInside(args))
    return await InstallBenchmark.PrepareAsync(args, stop.Token);

return await run(stop.Token) ? 0 : 1;
