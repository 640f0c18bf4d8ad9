using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Testing;
using EdgeFleet.Testing.Packages;
using EdgeFleet.Testing.Processes;
using EdgeFleet.Benchmarks.Security;
using Microsoft.Data.Sqlite;

namespace EdgeFleet.Benchmarks.Rollout;

/// <summary>Ten thousand boards with a TLS connection each to the real control plane on the same machine: how long until every one has been told of a rollout, and has said so durably.</summary>
internal static class LinkedFleet
{
    private const double SecondsMax = 60;
    private const int EnrolAtOnce = 16;
    private const int ConnectAtOnce = 64;
    private static readonly int[] Sizes = [10, 100, 1000, 10_000];
    private static readonly TimeSpan StepsTake = TimeSpan.FromSeconds(75);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    /// <summary>Runs a rollout to each size in turn. True when the largest was told in a minute.</summary>
    /// <param name="boards">Boards.</param>
    /// <param name="cancel">Ends it.</param>
    public static async Task<bool> RunAsync(int boards, CancellationToken cancel)
    {
        using var folder = new TempFolder();
        await using var plane = new ControlPlaneProcess(folder["controlplane"], new JsonObject
        {
            ["Rollouts"] = new JsonObject { ["TickSeconds"] = 1 },
            ["Enrolment"] = new JsonObject { ["RequestsPerMinute"] = 100_000, ["UsesMax"] = boards },
        });
        await plane.StartAsync(cancel);
        await plane.AddUserAsync("ana", "admin", cancel);
        using var api = await plane.ClientAsync("ana", cancel);
        var packages = Enumerable.Range(1, Sizes.Length + 1)
            .Select(v => TestPackage.Build(TestPackageSpec.Colours($"{v}.0.0", TinyModel.OfColours() with { Gain = 20 + v }))).ToList();
        foreach (var package in packages)
            await PublishAsync(api, package, cancel);

        var fleet = new List<LinkedBoard>();
        try
        {
            var watch = Stopwatch.StartNew();
            fleet = await EnrolAsync(api, folder, boards, packages[0], cancel);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {boards} boards enrolled in {watch.Elapsed.TotalSeconds:0} s"));
            watch.Restart();
            await ConnectAsync(fleet, cancel);
            await ReportedAsync(plane, "Active IS NOT NULL", 0, boards, cancel);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"  {fleet.Count(b => b.IsConnected)} connected by TLS in {watch.Elapsed.TotalSeconds:0} s; control plane {Measure.Memory(plane.ProcessId).PssMb:0} MB, boards {Environment.WorkingSet >> 20} MB"));
            return await ToldAsync(plane, api, boards, packages, cancel);
        }
        finally
        {
            await Parallel.ForEachAsync(fleet, CancellationToken.None, async (board, _) => await board.DisposeAsync());
        }
    }

    private static async Task<bool> ToldAsync(ControlPlaneProcess plane, FleetClient api, int boards, IReadOnlyList<TestPackage> packages, CancellationToken cancel)
    {
        var holds = true;
        Console.WriteLine($"  {"boards told",11} {"half, s",9} {"95 %, s",9} {"all, s",9}");
        foreach (var (size, package) in Sizes.Where(s => s <= boards).Zip(packages.Skip(1)))
        {
            // Earlier updates of the smaller fleets are over by then, as they would be in the field.
            var id = (await api.StartRolloutAsync(
                new RolloutRequest(package.Ref.Name, package.Ref.Version, "leaf", size == boards ? "all" : $"tag=of-{size}", [1], new GateSettings { SoakMinutes = 0.02, Evidence = false }), cancel)).Rollout.Id;
            var times = await ReportedAsync(plane, "Rollout = $rollout", id, size, cancel);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {size,11} {times.Half,9:0.0} {times.Most,9:0.0} {times.All,9:0.0}"));
            holds &= times.All <= SecondsMax;
            await Eventually.GetAsync(async () => await api.RolloutAsync(id, cancel) is { Rollout.State: "done" } done ? done : null, $"rollout {id} to be done", Patience, cancel);
        }

        return holds;
    }

    private static async Task<List<LinkedBoard>> EnrolAsync(FleetClient api, TempFolder folder, int boards, TestPackage serves, CancellationToken cancel)
    {
        var fleet = new ConcurrentBag<LinkedBoard>();
        var begin = 0;
        foreach (var end in Sizes.Where(s => s <= boards).Append(boards).Distinct())
        {
            var tags = Sizes.Where(s => s >= end && s < boards).Select(s => $"of-{s}").ToList();
            var ticket = (await api.CreateTokenAsync(new EnrolmentTokenRequest("field", tags, Uses: end - begin), cancel)).Ticket;
            var read = EnrolmentTicket.TryParse(ticket)!;
            using var http = BenchDevice.Client(new Uri(read.Url, "/"), read, null);
            await Parallel.ForEachAsync(
                Enumerable.Range(begin, end - begin), new ParallelOptions { MaxDegreeOfParallelism = EnrolAtOnce, CancellationToken = cancel },
                async (i, stop) => fleet.Add(await LinkedBoard.EnrolAsync(http, read.Token, $"board-{i:d5}", folder["boards", $"{i:d5}"], serves.Ref, StepsTake, stop)));
            begin = end;
        }

        return [.. fleet];
    }

    private static async Task ConnectAsync(List<LinkedBoard> fleet, CancellationToken cancel)
    {
        await Parallel.ForEachAsync(fleet, new ParallelOptions { MaxDegreeOfParallelism = ConnectAtOnce, CancellationToken = cancel }, async (board, stop) =>
        {
            await board.StartAsync(stop);
            await Eventually.IsAsync(() => board.IsConnected, "a board to connect", Patience, stop);
        });
    }

    // What is stored, read past the program: as many rows as boards that have been told and said so.
    private static async Task<(double Half, double Most, double All)> ReportedAsync(ControlPlaneProcess plane, string where, long rollout, int boards, CancellationToken cancel)
    {
        var (watch, half, most) = (Stopwatch.StartNew(), 0.0, 0.0);
        using var every = new PeriodicTimer(TimeSpan.FromMilliseconds(250));
        while (true)
        {
            var count = Count(plane, where, rollout);
            var now = watch.Elapsed.TotalSeconds;
            half = half == 0 && count * 2 >= boards ? now : half;
            most = most == 0 && count >= 0.95 * boards ? now : most;
            if (count >= boards)
                return (half, most, now);
            if (watch.Elapsed > Patience)
                throw new TimeoutException($"{count} of {boards} boards had been told and said so after {Patience.TotalMinutes:0} minutes.");
            await every.WaitForNextTickAsync(cancel);
        }
    }

    private static long Count(ControlPlaneProcess plane, string where, long rollout)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Path.Combine(plane.Folder, "fleet.db"), Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT COUNT(*) FROM DeviceSlots WHERE Slot = 'leaf' AND {where}";
        command.Parameters.AddWithValue("$rollout", rollout);
        return (long)command.ExecuteScalar()!;
    }

    private static async Task PublishAsync(FleetClient api, TestPackage package, CancellationToken cancel)
    {
        var missing = await api.MissingAsync([.. package.ByDigest.Keys.Select(d => d.Value)], cancel);
        foreach (var (digest, bytes) in package.ByDigest.Where(f => missing.Contains(f.Key.Value)))
            await api.PutFileAsync(digest, new MemoryStream(bytes), cancel);
        await api.PublishAsync(new PublishRequest(package.Ref.Digest.Value, false), cancel);
    }
}
