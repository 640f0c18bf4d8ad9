using System.Text;
using System.Text.Json.Nodes;

namespace EdgeFleet.Testing.Tuf;

/// <summary>Plain refreshes, and documents that look unusual and are right.</summary>
internal static class BasicCases
{
    public static IEnumerable<ConformanceCase> All =>
    [
        new("test_basic_refresh_requests", null, RequestsAsync),
        new("test_basic_refresh_trusted_data", null, TrustedDataAsync),
        new("test_implicit_refresh", null, ImplicitAsync),
        new("test_basic_metadata_hash_support", null, HashesAsync),
        new("test_metadata_bytes_match", null, BytesAsync),
        new("test_custom_fields", null, CustomFieldsAsync),
        new("test_deprecated_keyid_hash_algorithms", null, HashAlgorithmsAsync),
        new("test_timestamp_content_changes", null, SameVersionAsync),
        new("test_faketime", null, FakeTimeAsync),
    ];

    private static async Task RequestsAsync(ConformanceRun run)
    {
        await run.InitAsync();
        await run.RefreshAsync(works: true);
        run.MustHaveAsked("root 2, timestamp, snapshot 1, targets 1");
    }

    private static async Task TrustedDataAsync(ConformanceRun run)
    {
        await run.InitAsync();
        await run.RefreshAsync(works: true);
        foreach (var role in (string[])["root", "timestamp", "snapshot", "targets"])
            ConformanceRun.Must(run.Kept(role).AsSpan().SequenceEqual(run.Repository.Last(role)), $"keeps another {role} than was served");
    }

    private static async Task ImplicitAsync(ConformanceRun run)
    {
        await run.InitAsync();
        await run.DownloadAsync("nonexistent artifact", works: false);
        run.MustHaveAsked("root 2, timestamp, snapshot 1, targets 1");
        run.MustTrust("root 1, snapshot 1, targets 1, timestamp 1");
    }

    private static async Task HashesAsync(ConformanceRun run)
    {
        var repository = run.Repository;
        repository.ListsHashes = true;
        repository.Publish("targets", "snapshot", "timestamp");
        await run.InitAsync();
        await run.RefreshAsync(works: true);

        repository.Publish("targets");
        repository.SnapshotFiles["targets.json"]!["hashes"]!["sha256"] = new string('4', 64);
        repository.Publish("snapshot", "timestamp");
        await run.RefreshAsync(works: false);
        run.MustTrust("snapshot", 3);
        run.MustTrust("targets", 2);
    }

    private static async Task BytesAsync(ConformanceRun run)
    {
        await run.InitAsync();
        byte[] served = [.. run.Repository.Last("timestamp"), (byte)' '];
        run.Repository.Served["timestamp"][^1] = served;
        await run.RefreshAsync(works: true);
        ConformanceRun.Must(run.Kept("timestamp").AsSpan().SequenceEqual(served), $"keeps '{Encoding.UTF8.GetString(run.Kept("timestamp"))}' and not what was served");
    }

    private static async Task CustomFieldsAsync(ConformanceRun run)
    {
        var repository = run.Repository;
        await run.InitAsync();
        await run.RefreshAsync(works: true);
        repository.Bodies["root"]["custom-field"] = "value";
        repository.AddKey("root", key: SimulatedKey.New().With("extra-field", new JsonObject { ["a"] = 1, ["b"] = 2 }));
        repository.RootRole("root")["another-field"] = "value";
        repository.Publish("root");
        await run.RefreshAsync(works: true);
        run.MustTrust("root", 2);
    }

    private static async Task HashAlgorithmsAsync(ConformanceRun run)
    {
        var repository = run.Repository;
        await run.InitAsync();
        repository.ClearKeys("snapshot");
        repository.AddKey("snapshot", key: SimulatedKey.New().With("keyid_hash_algorithms", "md5"));
        repository.Publish("root", "snapshot", "timestamp");
        await run.RefreshAsync(works: true);
        run.MustTrust("root", 2);
        run.MustTrust("snapshot", 2);
    }

    private static async Task SameVersionAsync(ConformanceRun run)
    {
        var repository = run.Repository;
        await run.InitAsync();
        await run.RefreshAsync(works: true);
        repository.SnapshotMeta["version"] = 100;
        repository.Served.Remove("timestamp");
        repository.Publish("timestamp");
        await run.RefreshAsync(works: true);
        run.MustHaveAskedLast("timestamp");
        ConformanceRun.Must(JsonNode.Parse(run.Kept("timestamp"))!["signed"]!["meta"]!["snapshot.json"]!["version"]!.GetValue<int>() == 1, "took another timestamp of the same version");
    }

    private static async Task FakeTimeAsync(ConformanceRun run)
    {
        await run.InitAsync();
        var now = TimeProvider.System.GetUtcNow();
        run.Repository.Expire("root", now.AddDays(7));
        run.Repository.Publish("root");
        await run.RefreshAsync(works: true);
        await run.RefreshAsync(works: false, now.AddDays(8));
    }
}
