namespace EdgeFleet.Testing.Tuf;

/// <summary>Documents past their end, served or kept.</summary>
internal static class ExpiryCases
{
    public static IEnumerable<ConformanceCase> All =>
    [
        new("test_root_expired", null, RootAsync),
        new("test_timestamp_expired", null, run => ServedAsync(run, "timestamp", ["timestamp"], "root 1, snapshot 1, targets 1, timestamp 1")),
        new("test_snapshot_expired", null, run => ServedAsync(run, "snapshot", ["snapshot", "timestamp"], "root 1, snapshot 1, targets 1, timestamp 2")),
        new("test_targets_expired", null, run => ServedAsync(run, "targets", ["targets", "snapshot", "timestamp"], "root 1, snapshot 2, targets 1, timestamp 2")),
        new("test_expired_local_root", null, LocalRootAsync),
        new("test_expired_local_timestamp", null, LocalTimestampAsync),
        new("test_delegated_targets_expired", null, DelegatedAsync),
        new("test_expired_local_delegated_targets", null, run => LocalDelegatedAsync(run, renewed: false)),
        new("test_expired_local_delegated_targets_updates", null, run => LocalDelegatedAsync(run, renewed: true)),
    ];

    private static async Task RootAsync(ConformanceRun run)
    {
        await run.InitAsync();
        await run.RefreshAsync(works: true);
        run.Repository.Publish("root");
        await run.RefreshAsync(works: true);

        run.Repository.Expire("root", TimeProvider.System.GetUtcNow().AddDays(-1));
        run.Repository.Publish("root", "targets", "snapshot", "timestamp");
        await run.RefreshAsync(works: false);
        run.MustTrust("root 3, snapshot 1, targets 1, timestamp 1");
    }

    private static async Task ServedAsync(ConformanceRun run, string role, string[] published, string trusted)
    {
        await run.InitAsync();
        await run.RefreshAsync(works: true);
        run.Repository.Expire(role, TimeProvider.System.GetUtcNow().AddDays(-5));
        run.Repository.Publish(published);
        await run.RefreshAsync(works: false);
        run.MustTrust(trusted);
    }

    private static async Task LocalRootAsync(ConformanceRun run)
    {
        var now = TimeProvider.System.GetUtcNow();
        await run.InitAsync();
        run.Repository.Expire("root", now.AddDays(7));
        run.Repository.Publish("root");
        await run.RefreshAsync(works: true);

        run.Repository.Expire("root", now.AddDays(21));
        run.Repository.Publish("root");
        await run.RefreshAsync(works: true, now.AddDays(18));
        run.MustTrust("root", 3);
    }

    private static async Task LocalTimestampAsync(ConformanceRun run)
    {
        var now = TimeProvider.System.GetUtcNow();
        await run.InitAsync();
        run.Repository.Expire("timestamp", now.AddDays(7));
        run.Repository.Publish("timestamp");
        await run.RefreshAsync(works: true);

        run.Repository.Expire("timestamp", now.AddDays(21));
        run.Repository.Publish("targets", "snapshot", "timestamp");
        await run.RefreshAsync(works: true, now.AddDays(18));
        run.MustTrust("root 1, snapshot 2, targets 2, timestamp 3");
    }

    private static async Task DelegatedAsync(ConformanceRun run)
    {
        await run.InitAsync();
        Delegate(run, TimeProvider.System.GetUtcNow().AddDays(-1), "target");
        await run.RefreshAsync(works: true);
        await run.DownloadAsync("delegatedpath/target", works: false);
        run.MustHave();
        run.MustTrust("root 1, snapshot 2, targets 2, timestamp 2");
    }

    private static async Task LocalDelegatedAsync(ConformanceRun run, bool renewed)
    {
        var now = TimeProvider.System.GetUtcNow();
        await run.InitAsync();
        Delegate(run, now.AddDays(7), "first", "second");
        await run.DownloadAsync("delegatedpath/first", works: true);
        run.MustHave("first");

        if (renewed)
        {
            run.Repository.Expire("delegated", now.AddDays(21));
            run.Repository.Publish("delegated", "snapshot", "timestamp");
        }

        await run.DownloadAsync("delegatedpath/second", works: renewed, now.AddDays(18));
        run.MustHave(renewed ? ["first", "second"] : ["first"]);
    }

    private static void Delegate(ConformanceRun run, DateTimeOffset expires, params string[] files)
    {
        run.Repository.AddDelegation("targets", "delegated", ["delegatedpath/*"], body: SimulatedRepository.NewTargets(expires));
        foreach (var file in files)
            run.Repository.AddArtifact("delegated", System.Text.Encoding.UTF8.GetBytes(file), $"delegatedpath/{file}");
        run.Repository.Publish("delegated", "targets", "snapshot", "timestamp");
    }
}
