using EdgeFleet.Demo;

// 0 it held, 1 it did not, 2 wrong use.
var check = args.Contains("--check");
var data = Array.IndexOf(args, "--data") is >= 0 and var at ? args.ElementAtOrDefault(at + 1) : null;
if (args.Any(a => a.StartsWith("--", StringComparison.Ordinal) && a is not ("--check" or "--data")))
{
    Console.Error.WriteLine("edgefleet-demo [--check] [--data FOLDER]");
    return 2;
}

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    stop.Cancel();
};
using var terminated = System.Runtime.InteropServices.PosixSignalRegistration.Create(
    System.Runtime.InteropServices.PosixSignal.SIGTERM,
    context =>
    {
        context.Cancel = true;
        stop.Cancel();
    });

try
{
    await using var fleet = new DemoFleet(stop.Token);
    var story = new Story(fleet, data is null ? DemoMaterial.Samples(fleet.Folder) : DemoMaterial.Coffee(fleet.Folder, data));
    var summary = await story.TellAsync(stop.Token);
    if (!check)
        await fleet.StayUpAsync(stop.Token);
    Console.WriteLine(summary);
    return 0;
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    return 1;
}
catch (DemoException e)
{
    Console.Error.WriteLine($"demo: failed: {e.Message}");
    return 1;
}
catch (Exception e) when (e is TimeoutException or InvalidOperationException or EdgeFleet.Shared.Api.FleetApiException)
{
    Console.Error.WriteLine($"demo: failed: {e.Message}");
    Console.Error.WriteLine($"The logs of all processes are in {DemoFleet.DefaultFolder}.");
    return 1;
}
