using System.Text.Json.Nodes;

namespace EdgeFleet.Testing.Tuf;

/// <summary>Thresholds, keys and signatures that stand twice, kinds of keys, wrong signatures beside right ones.</summary>
internal static class KeyCases
{
    public static IEnumerable<ConformanceCase> All =>
    [
        new("test_snapshot_does_not_meet_threshold", null, BelowThresholdAsync),
        new("test_snapshot_has_too_few_keys", null, TooFewKeysAsync),
        new("test_duplicate_keys", null, OneKeyManyTimesAsync),
        new("test_duplicate_sig_keyids", null, OneSignatureTwiceAsync),
        new("test_keytype_and_scheme", "rsa/rsassa-pss-sha256", run => SchemeAsync(run, "rsassa-pss-sha256")),
        new("test_keytype_and_scheme", "ecdsa/ecdsa-sha2-nistp256", run => SchemeAsync(run, "ecdsa-sha2-nistp256")),
        new("test_keytype_and_scheme", "ed25519/ed25519", run => SchemeAsync(run, "ed25519")),
        new("test_invalid_sig_in_valid_metadata", null, WrongBesideRightAsync),
    ];

    private static async Task BelowThresholdAsync(ConformanceRun run)
    {
        var repository = run.Repository;
        repository.RootRole("snapshot")["threshold"] = 3;
        repository.AddKey("snapshot");
        repository.AddKey("snapshot");
        repository.Publish("root", "targets", "snapshot", "timestamp");
        await run.InitAsync();
        await run.RefreshAsync(works: true);

        repository.Signers["snapshot"].RemoveAt(0);
        repository.Publish("targets", "snapshot", "timestamp");
        await run.RefreshAsync(works: false);
        run.MustTrust("snapshot", 2);
    }

    private static async Task TooFewKeysAsync(ConformanceRun run)
    {
        var repository = run.Repository;
        await run.InitAsync();
        for (var i = 0; i < 4; i++)
            repository.AddKey("snapshot");
        repository.RootRole("snapshot")["threshold"] = 6;
        repository.Publish("root", "snapshot", "timestamp");
        await run.RefreshAsync(works: false);
        run.MustTrust("root", 2);
        run.MustTrust("snapshot", null);
    }

    private static async Task OneKeyManyTimesAsync(ConformanceRun run)
    {
        var repository = run.Repository;
        await run.InitAsync();
        var key = repository.AddKey("snapshot");
        for (var i = 0; i < 8; i++)
            repository.RootRole("snapshot")["keyids"]!.AsArray().Add(key.Id);
        repository.RootRole("snapshot")["threshold"] = 6;
        repository.Publish("root", "snapshot", "timestamp");
        repository.Bend("snapshot", document =>
        {
            var signatures = document["signatures"]!.AsArray();
            var own = signatures.Single(s => s!["keyid"]!.GetValue<string>() == key.Id)!;
            for (var i = 0; i < 8; i++)
                signatures.Add(own.DeepClone());
        });
        await run.RefreshAsync(works: false);
        run.MustTrust("snapshot", null);
    }

    private static async Task OneSignatureTwiceAsync(ConformanceRun run)
    {
        await run.InitAsync();
        run.Repository.Bend("snapshot", document => document["signatures"]!.AsArray().Add(document["signatures"]![0]!.DeepClone()));
        await run.RefreshAsync(works: false);
        run.MustTrust("snapshot", null);
    }

    private static async Task SchemeAsync(ConformanceRun run, string scheme)
    {
        var repository = run.Repository;
        await run.InitAsync();
        var key = repository.AddKey("root", key: SimulatedKey.New(scheme));
        repository.RootRole("root")["threshold"] = 2;
        repository.Publish("root");
        await run.RefreshAsync(works: true);
        run.MustTrust("root", 2);

        // A true signature of this key, over something else.
        var strange = key.Sign([1, 2, 3])["sig"]!.GetValue<string>();
        repository.Publish("root");
        repository.Bend("root", document => SignatureOf(document, key.Id)["sig"] = strange);
        await run.RefreshAsync(works: false);
        run.MustTrust("root", 2);
    }

    private static async Task WrongBesideRightAsync(ConformanceRun run)
    {
        var repository = run.Repository;
        await run.InitAsync();
        var first = repository.Signers["timestamp"][0];
        repository.AddKey("timestamp");
        foreach (var wrong in (string[])[first.Sign([1])["sig"]!.GetValue<string>(), ""])
        {
            repository.Publish(repository.Version("timestamp") == 1 ? ["root", "timestamp"] : ["timestamp"]);
            repository.Bend("timestamp", document => SignatureOf(document, first.Id)["sig"] = wrong);
            await run.RefreshAsync(works: true);
        }
    }

    private static JsonObject SignatureOf(JsonObject document, string keyId) =>
        document["signatures"]!.AsArray().Single(s => s!["keyid"]!.GetValue<string>() == keyId)!.AsObject();
}
