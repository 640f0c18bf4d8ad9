using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Models;
using EdgeFleet.Testing;
using EdgeFleet.Testing.Packages;
using EdgeFleet.Testing.Processes;

namespace EdgeFleet.Benchmarks.Footprint;

/// <summary>A life in fast motion: a board that answers as fast as it can while its model is swapped again and again, and its memory is read all the while.</summary>
internal sealed partial class LongRun(FleetClient api, AgentProcess board, TestPackageSpec model)
{
    private const string Slot = "leaf";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private readonly List<(long Samples, double Mb)> _readings = [];
    private long _answered;

    /// <summary>
    /// Configuration of such a board: everything that a sample meets, at the rate that the machine gives. Its minutes are seconds and its hours minutes, and so batches
    /// go every quarter of a minute: everything that an agent does again and again has been done before growth is measured.
    /// </summary>
    public static JsonObject Config(string photos) => new()
    {
        ["Slots"] = new JsonObject
        {
            [Slot] = new JsonObject { ["Source"] = new JsonObject { ["Kind"] = "images", ["Folder"] = photos, ["Loop"] = true, ["SamplesPerSecond"] = 1000 } },
        },
        ["Monitoring"] = new JsonObject { ["WindowSeconds"] = 1, ["ProfileSeconds"] = 60 },
        ["Logging"] = new JsonObject { ["Level"] = "Debug" },
        ["Updates"] = new JsonObject { ["ProbationSeconds"] = 1 },
        ["Connectivity"] = new JsonObject { ["BatchSeconds"] = 15 },
    };

    /// <summary>Swaps and answers until both counts are reached; growth is measured after the first tenth, which fills what is kept for good.</summary>
    /// <param name="samples">Samples at the least.</param>
    /// <param name="swaps">Committed updates.</param>
    /// <param name="cancel">Ends it.</param>
    public async Task<(MemorySlope Slope, long Samples, int Swaps)> RunAsync(long samples, int swaps, CancellationToken cancel)
    {
        // Three in turns: a return to the one before would take the short way.
        PackageRef[] versions = [await PublishAsync("101.0.0", cancel), await PublishAsync("102.0.0", cancel), await PublishAsync("103.0.0", cancel)];
        board.Start();
        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var reading = ReadAsync(done.Token);
        var warm = swaps / 10;
        for (var i = 0; i < warm; i++)
            await SwapAsync(versions[i % versions.Length], cancel);
        var (begin, from) = (await AnsweredAsync(cancel), _readings.Count);
        for (var i = 0; i < swaps; i++)
            await SwapAsync(versions[(warm + i) % versions.Length], cancel);
        var enough = Eventually.IsAsync(() => Volatile.Read(ref _answered) - begin >= samples, $"{samples} answers", TimeSpan.FromHours(1), cancel);
        await await Task.WhenAny(reading, enough);
        await done.CancelAsync();
        await reading;
        return (MemorySlope.Of(_readings[from..]), _answered - begin, swaps);
    }

    private async Task<PackageRef> PublishAsync(string version, CancellationToken cancel)
    {
        var package = TestPackage.Build(model with { Version = version, Alerts = [] });
        foreach (var (digest, bytes) in package.ByDigest)
            await api.PutFileAsync(digest, new MemoryStream(bytes), cancel);
        await api.PublishAsync(new PublishRequest(package.Ref.Digest.Value, AllowUnproven: false), cancel);
        return package.Ref;
    }

    private async Task SwapAsync(PackageRef to, CancellationToken cancel)
    {
        var rollout = await api.StartRolloutAsync(new RolloutRequest(to.Name, to.Version, Slot, $"device={board.DeviceId}", Gate: new GateSettings { SoakMinutes = 0 }), cancel);
        await Eventually.GetAsync(
            async () => (await api.RolloutAsync(rollout.Rollout.Id, cancel)).Rollout is { State: "done" } ended ? ended : null, $"{to.Label} committed", Patience, cancel);
    }

    // What the agent keeps is read where it says so, each time that it gave back the rest: any other moment has garbage in it that nobody has collected yet.
    // And only while one model is in memory: in a probation the one before stands ready too.
    private async Task ReadAsync(CancellationToken cancel)
    {
        using var log = new StreamReader(new FileStream(board.LogFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        try
        {
            while (await timer.WaitForNextTickAsync(cancel))
            {
                Volatile.Write(ref _answered, await AnsweredAsync(cancel));
                while (await log.ReadLineAsync(cancel) is { } line)
                {
                    if (Returned().Match(line) is { Success: true } match)
                        _readings.Add((_answered, long.Parse(match.Groups["after"].ValueSpan, CultureInfo.InvariantCulture) / 1024.0));
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The run is over.
        }
    }

    private async Task<long> AnsweredAsync(CancellationToken cancel)
    {
        var (code, output, _) = await board.CommandAsync(cancel, "status", "--json");
        if (code != 0)
            return _answered;
        using var status = JsonDocument.Parse(output);
        // An agent that is starting does not answer yet: what the disk knows stands there.
        return !status.RootElement.TryGetProperty("pid", out _) ? _answered : status.RootElement.GetProperty("slots")[0].GetProperty("samples").GetProperty("answered").GetInt64();
    }

    [GeneratedRegex("MemoryReturned: [0-9]+ kB of its own before, (?<after>[0-9]+) kB after, with 1 models")]
    private static partial Regex Returned();
}
