namespace EdgeFleet.Testing.Tuf;

/// <summary>Keys and thresholds that change from one version to the next.</summary>
internal static class RotationCases
{
    public static IEnumerable<ConformanceCase> All =>
    [
        .. Roots().Select(r => new ConformanceCase("test_root_rotation", r.Name, run => RootAsync(run, r.Versions))),
        .. Others().Select(r => new ConformanceCase("test_non_root_rotations", r.Name, run => OtherAsync(run, r.Version))),
    ];

    private static IEnumerable<(string Name, Signing[] Versions)> Roots()
    {
        int[] five = [0, 1, 2, 3, 4], rotated = [0, 1, 3, 4, 5], new5 = [5, 6, 7, 8, 9], three = [1, 2, 3];
        yield return ("1-of-1-key-rotation", [new([1], 1, [1]), new([2], 1, [2, 1]), new([2], 1, [2])]);
        yield return ("1-of-1-key-rotation-unused-signatures", [new([1], 1, [3, 1, 4]), new([2], 1, [3, 2, 1, 4]), new([2], 1, [3, 2, 4])]);
        yield return ("3-of-5-sign-with-different-keycombos", [new(five, 3, [0, 2, 4]), new(five, 3, [0, 4, 1]), new(five, 3, [0, 1, 3]), new(five, 3, [0, 1, 3])]);
        yield return ("3-of-5-one-key-rotated", [new(five, 3, [0, 2, 4]), new(rotated, 3, [0, 4, 1])]);
        yield return ("3-of-5-one-key-rotated-with-intermediate-step", [new(five, 3, [0, 2, 4]), new(rotated, 3, [0, 2, 4, 5]), new(rotated, 3, [0, 4, 5])]);
        yield return ("3-of-5-all-keys-rotated-with-intermediate-step", [new(five, 3, [0, 2, 4]), new(new5, 3, [0, 2, 4, 5, 6, 7]), new(new5, 3, [5, 6, 7])]);
        yield return ("1-of-3-threshold-increase-to-2-of-3", [new(three, 1, [1]), new(three, 2, [1, 2])]);
        yield return ("2-of-3-threshold-decrease-to-1-of-3", [new(three, 2, [1, 2]), new(three, 1, [1, 2]), new(three, 1, [1])]);
        yield return ("1-of-2-threshold-increase-to-2-of-2", [new([1], 1, [1]), new([1, 2], 2, [1, 2])]);
        yield return ("1-of-1-key-rotation-fail-not-signed-with-old-key", [new([1], 1, [1]), new([2], 1, [2, 3, 4], Works: false)]);
        yield return ("1-of-1-key-rotation-fail-not-signed-with-new-key", [new([1], 1, [1]), new([2], 1, [1, 3, 4], Works: false)]);
        yield return ("3-of-5-one-key-rotate-fails-not-signed-with-3-new-keys", [new(five, 3, [0, 2, 4]), new(rotated, 3, [0, 2, 4], Works: false)]);
        yield return ("3-of-5-one-key-rotate-fails-not-signed-with-3-old-keys", [new(five, 3, [0, 2, 4]), new(rotated, 3, [0, 4, 5], Works: false)]);
        yield return ("1-of-3-threshold-bump-to-2-of-3-fails-new-threshold-not-reached", [new(three, 1, [1]), new(three, 2, [2], Works: false)]);
        yield return ("2-of-3-threshold-decr-to-1-of-3-fails-old-threshold-not-eached", [new(three, 2, [1, 2]), new(three, 1, [1], Works: false)]);
    }

    private static IEnumerable<(string Name, Signing Version)> Others()
    {
        int[] five = [0, 1, 2, 3, 4], rotated = [0, 1, 3, 4, 5];
        yield return ("1-of-1-key-rotation", new([2], 1, [2]));
        yield return ("1-of-1-key-rotation-unused-signatures", new([1], 1, [3, 1, 4]));
        yield return ("1-of-1-key-rotation-fail-not-signed-with-new-key", new([2], 1, [1, 3, 4], Works: false));
        yield return ("3-of-5-one-key-signature-wrong-not-signed-with-3-expected-keys", new(rotated, 3, [0, 2, 4], Works: false));
        yield return ("2-of-5-one-key-signature-mising-threshold-not-reached", new(rotated, 3, [0, 4], Works: false));
        yield return ("3-of-5-sign-first-combo", new(five, 3, [0, 2, 4]));
        yield return ("3-of-5-sign-second-combo", new(five, 3, [0, 4, 1]));
        yield return ("3-of-5-sign-third-combo", new(five, 3, [0, 1, 3]));
        yield return ("3-of-5-sign-fourth-combo", new(five, 3, [1, 2, 3]));
        yield return ("3-of-5-sign-fifth-combo", new(five, 3, [2, 3, 4]));
    }

    private static async Task RootAsync(ConformanceRun run, Signing[] versions)
    {
        var repository = run.Repository;
        var keys = NewKeys();
        repository.Served.Remove("root");
        foreach (var version in versions)
        {
            Sign(repository, "root", version, keys);
            repository.Publish("root");
        }

        repository.Publish("targets", "snapshot", "timestamp");
        run.TrustedRoot = repository.Served["root"][0];
        await run.InitAsync();
        await run.RefreshAsync(versions[^1].Works);
        ConformanceRun.Must(run.Kept("root").AsSpan().SequenceEqual(repository.Served["root"][versions[^1].Works ? ^1 : ^2]), "trusts another root");
    }

    private static async Task OtherAsync(ConformanceRun run, Signing version)
    {
        var repository = run.Repository;
        var keys = NewKeys();
        await run.InitAsync();
        foreach (var role in (string[])["timestamp", "snapshot", "targets"])
        {
            Sign(repository, role, version, keys);
            repository.Publish("root", "targets", "snapshot", "timestamp");
            await run.RefreshAsync(version.Works);
            if (version.Works)
                ConformanceRun.Must(run.Kept(role).AsSpan().SequenceEqual(repository.Last(role)), $"keeps another {role}");
        }
    }

    private static void Sign(SimulatedRepository repository, string role, Signing version, SimulatedKey[] keys)
    {
        repository.ClearKeys(role);
        repository.RootRole(role)["threshold"] = version.Threshold;
        foreach (var key in version.Keys)
            repository.ListKey(role, keys[key]);
        foreach (var key in version.Signatures)
            repository.AddSigner(role, keys[key]);
    }

    private static SimulatedKey[] NewKeys() => [.. Enumerable.Range(0, 10).Select(_ => SimulatedKey.New())];

    private sealed record Signing(int[] Keys, int Threshold, int[] Signatures, bool Works = true);
}
