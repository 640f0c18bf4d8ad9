namespace EdgeFleet.Testing.Tuf;

/// <summary>Older documents after newer ones, and the way out when an attacker raised a version as high as it goes.</summary>
internal static class RollbackCases
{
    public static IEnumerable<ConformanceCase> All =>
    [
        new("test_simple_snapshot_rollback", null, UnlistedSnapshotAsync),
        new("test_new_timestamp_version_rollback", null, TimestampAsync),
        new("test_snapshot_rollback", "basic", run => SnapshotAsync(run, hashes: false)),
        new("test_snapshot_rollback", "with hashes", run => SnapshotAsync(run, hashes: true)),
        new("test_targets_fast_forward_recovery", null, TargetsRecoveryAsync),
        new("test_new_snapshot_fast_forward_recovery", null, SnapshotRecoveryAsync),
        new("test_new_snapshot_version_mismatch", null, NewerUnlistedSnapshotAsync),
        new("test_new_timestamp_fast_forward_recovery", null, TimestampRecoveryAsync),
        new("test_targets_rollback", "basic", run => TargetsAsync(run, hashes: false)),
        new("test_targets_rollback", "with hashes", run => TargetsAsync(run, hashes: true)),
    ];

    private static async Task UnlistedSnapshotAsync(ConformanceRun run)
    {
        await run.InitAsync();
        run.Repository.Publish("snapshot", "timestamp");
        await run.RefreshAsync(works: true);
        run.Repository.Publish("snapshot");
        await run.RefreshAsync(works: true);
        run.MustTrust("snapshot", 2);
        run.MustHaveAskedLast("timestamp");
    }

    private static async Task TimestampAsync(ConformanceRun run)
    {
        await run.InitAsync();
        run.Repository.Publish("timestamp");
        await run.RefreshAsync(works: true);
        BeginAgain(run, "timestamp");
        run.Repository.Publish("timestamp");
        await run.RefreshAsync(works: false);
        run.MustTrust("timestamp", 2);
        run.MustHaveAskedLast("timestamp");
    }

    private static async Task SnapshotAsync(ConformanceRun run, bool hashes)
    {
        await run.InitAsync();
        run.Repository.ListsHashes = hashes;
        run.Repository.Publish("snapshot", "timestamp");
        await run.RefreshAsync(works: true);
        BeginAgain(run, "snapshot");
        run.Repository.Publish("snapshot", "timestamp");
        await run.RefreshAsync(works: false);
        run.MustTrust("timestamp", 2);
        run.MustTrust("snapshot", 2);
        run.MustHaveAskedLast("timestamp");
    }

    private static async Task TargetsAsync(ConformanceRun run, bool hashes)
    {
        await run.InitAsync();
        run.Repository.ListsHashes = hashes;
        run.Repository.Publish("targets", "snapshot", "timestamp");
        await run.RefreshAsync(works: true);
        BeginAgain(run, "targets");
        run.Repository.Publish("targets", "snapshot", "timestamp");
        await run.RefreshAsync(works: false);
        run.MustTrust("snapshot", 2);
        run.MustTrust("targets", 2);
    }

    private static async Task TargetsRecoveryAsync(ConformanceRun run)
    {
        await run.InitAsync();
        for (var i = 0; i < 99; i++)
            run.Repository.Publish("targets");
        run.Repository.Publish("snapshot", "timestamp");
        await run.RefreshAsync(works: true);
        run.MustTrust("targets", 100);

        run.Repository.RotateKeys("snapshot");
        BeginAgain(run, "targets");
        run.Repository.Publish("root", "targets", "snapshot", "timestamp");
        await run.RefreshAsync(works: true);
        run.MustTrust("targets", 1);
    }

    private static async Task SnapshotRecoveryAsync(ConformanceRun run)
    {
        await run.InitAsync();
        for (var i = 0; i < 99; i++)
            run.Repository.Publish("snapshot");
        run.Repository.Publish("timestamp");
        await run.RefreshAsync(works: true);
        run.MustTrust("snapshot", 100);

        run.Repository.RotateKeys("snapshot");
        run.Repository.RotateKeys("timestamp");
        BeginAgain(run, "snapshot");
        run.Repository.Publish("root", "targets", "snapshot", "timestamp");
        await run.RefreshAsync(works: true);
        run.MustTrust("snapshot", 1);
    }

    private static async Task NewerUnlistedSnapshotAsync(ConformanceRun run)
    {
        await run.InitAsync();
        run.Repository.Publish("snapshot");
        run.Repository.SnapshotMeta["version"] = 1;
        run.Repository.Publish("root", "timestamp");
        await run.RefreshAsync(works: true);
        run.MustTrust("root 2, snapshot 1, targets 1, timestamp 2");
    }

    private static async Task TimestampRecoveryAsync(ConformanceRun run)
    {
        await run.InitAsync();
        for (var i = 0; i < 99; i++)
            run.Repository.Publish("timestamp");
        await run.RefreshAsync(works: true);
        run.MustTrust("timestamp", 100);

        run.Repository.RotateKeys("timestamp");
        BeginAgain(run, "timestamp");
        run.Repository.Publish("root", "timestamp");
        await run.RefreshAsync(works: true);
        run.MustTrust("timestamp", 1);
    }

    private static void BeginAgain(ConformanceRun run, string role)
    {
        run.Repository.Served.Remove(role);
        run.Repository.Bodies[role]["version"] = 1;
    }
}
