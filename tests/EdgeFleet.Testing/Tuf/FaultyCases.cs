using System.Text;
using System.Text.Json.Nodes;

namespace EdgeFleet.Testing.Tuf;

/// <summary>Documents that are unsigned, of another version or kind, or not there.</summary>
internal static class FaultyCases
{
    // A signature that looks right and is another key's over something else.
    private const string StrangeSignature =
        "3045022100ee448afe2d25dd1f05afedac83a24e7df90f203615221434979153dc7cea6d4702207710015851e571885a77db8a6e42c4b2983a59b9e1ebec91178dfa2fb0d42ab8";

    public static IEnumerable<ConformanceCase> All =>
    [
        new("test_invalid_initial_root", null, run => BadRootAsync(run, root => root["signed"]!.AsObject().Remove("version"))),
        new("test_unsigned_initial_root", null, run => BadRootAsync(run, root => root["signatures"]![0]!["sig"] = StrangeSignature)),
        new("test_unsigned_metadata", "root", run => UnsignedAsync(run, "root", "root 1")),
        new("test_unsigned_metadata", "timestamp", run => UnsignedAsync(run, "timestamp", "root 2")),
        new("test_unsigned_metadata", "snapshot", run => UnsignedAsync(run, "snapshot", "root 2, timestamp 2")),
        new("test_unsigned_metadata", "targets", run => UnsignedAsync(run, "targets", "root 2, snapshot 2, timestamp 2")),
        new("test_url_and_metadata_version_mismatch", "root", run => OtherVersionAsync(run, "root", "root 1")),
        new("test_url_and_metadata_version_mismatch", "snapshot", run => OtherVersionAsync(run, "snapshot", "root 2, timestamp 2")),
        new("test_url_and_metadata_version_mismatch", "targets", run => OtherVersionAsync(run, "targets", "root 2, snapshot 2, timestamp 2")),
        new("test_snapshot_404", null, NoSnapshotAsync),
        new("test_targets_404", null, NoTargetsAsync),
        new("test_timestamp_404", null, NoTimestampAsync),
        new("test_incorrect_metadata_type", null, OtherTypeAsync),
    ];

    private static async Task BadRootAsync(ConformanceRun run, Action<JsonObject> bend)
    {
        var root = JsonNode.Parse(run.TrustedRoot)!.AsObject();
        bend(root);
        run.TrustedRoot = Encoding.UTF8.GetBytes(root.ToJsonString());
        await run.BeginAsync();
        await run.RefreshAsync(works: false);
        run.MustHaveAsked("");
    }

    private static async Task UnsignedAsync(ConformanceRun run, string role, string trusted)
    {
        run.Repository.Signers[role].Clear();
        run.Repository.Publish("root", "targets", "snapshot", "timestamp");
        await run.InitAsync();
        await run.RefreshAsync(works: false);
        run.MustTrust(trusted);
    }

    // The document says version 3 and stands at the address of version 2.
    private static async Task OtherVersionAsync(ConformanceRun run, string role, string trusted)
    {
        run.Repository.Bodies[role]["version"] = run.Repository.Version(role) + 1;
        run.Repository.Publish("root", "targets", "snapshot", "timestamp");
        await run.InitAsync();
        await run.RefreshAsync(works: false);
        run.MustTrust(trusted);
    }

    private static async Task NoSnapshotAsync(ConformanceRun run)
    {
        await run.InitAsync();
        await run.RefreshAsync(works: true);
        run.Repository.SnapshotMeta["version"] = 2;
        run.Repository.Publish("timestamp");
        await run.RefreshAsync(works: false);
        run.MustHaveAskedLast("snapshot 2");
        run.MustTrust("root 1, snapshot 1, targets 1, timestamp 2");
    }

    private static async Task NoTargetsAsync(ConformanceRun run)
    {
        await run.InitAsync();
        await run.RefreshAsync(works: true);
        run.Repository.SnapshotFiles["targets.json"]!["version"] = 2;
        run.Repository.Publish("snapshot", "timestamp");
        await run.RefreshAsync(works: false);
        run.MustHaveAskedLast("targets 2");
        run.MustTrust("root 1, snapshot 2, targets 1, timestamp 2");
    }

    private static async Task NoTimestampAsync(ConformanceRun run)
    {
        await run.InitAsync();
        await run.RefreshAsync(works: true);
        run.Repository.Served.Remove("timestamp");
        await run.RefreshAsync(works: false);
        run.MustHaveAskedLast("timestamp");
    }

    // A snapshot that would do as a timestamp, signed by the timestamp's key as well.
    private static async Task OtherTypeAsync(ConformanceRun run)
    {
        var repository = run.Repository;
        await run.InitAsync();
        repository.AddKey("snapshot", key: repository.Signers["timestamp"][0]);
        repository.Bodies["snapshot"]["meta"] = new JsonObject { ["snapshot.json"] = new JsonObject { ["version"] = 1 } };
        repository.Publish("root", "snapshot");
        repository.Served["timestamp"].Add(repository.Last("snapshot"));
        repository.Served["snapshot"].RemoveAt(1);
        await run.RefreshAsync(works: false);
        run.MustTrust("root 2");
    }
}
