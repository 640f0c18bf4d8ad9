using System.Text;
using System.Text.Json.Nodes;

namespace EdgeFleet.Testing.Tuf;

/// <summary>Files: the right ones, others in their place, and hashes that are known or not.</summary>
internal static class DownloadCases
{
    private const string Name = "target_file.txt";
    private const string Content = "target file contents";
    private const string Malicious = "malicious data - should not download";

    public static IEnumerable<ConformanceCase> All =>
    [
        new("test_client_downloads_expected_file", null, run => ExpectedAsync(run, Name)),
        new("test_client_downloads_expected_file_in_sub_dir", null, run => ExpectedAsync(run, "path/to/a/target_file.txt")),
        new("test_repository_substitutes_target_file", null, SubstitutedAsync),
        new("test_multiple_changes_to_target", null, ChangedOftenAsync),
        new("test_download_with_hash_algorithms", "hashes0", run => HashesAsync(run, "sha256")),
        new("test_download_with_hash_algorithms", "hashes1", run => HashesAsync(run, "sha512")),
        new("test_download_with_hash_algorithms", "hashes2", run => HashesAsync(run, "sha256", "sha512")),
        new("test_download_with_unknown_hash_algorithm", null, UnknownHashAsync),
        new("test_artifact_cache", null, CachedAsync),
    ];

    private static async Task ExpectedAsync(ConformanceRun run, string path)
    {
        await run.InitAsync();
        Serve(run, Content, path);
        await run.RefreshAsync(works: true);
        run.MustHave();
        await run.DownloadAsync(path, works: true);
        run.MustHave(Content);
    }

    private static async Task SubstitutedAsync(ConformanceRun run)
    {
        await run.InitAsync();
        Serve(run, Content, Name);
        Serve(run, "content", "another_target_file.txt");
        await run.DownloadAsync(Name, works: true);
        run.MustHave(Content);

        Substitute(run, Name, Malicious);
        Substitute(run, "another_target_file.txt", Malicious);

        // With the file kept there is nothing to download, without it the download is refused: both are right.
        await run.DownloadAsync(Name, works: null);
        run.MustHave(Content);
        await run.DownloadAsync("another_target_file.txt", works: false);
        run.MustHave(Content);
    }

    private static async Task ChangedOftenAsync(ConformanceRun run)
    {
        var expected = new List<string> { Content };
        await run.InitAsync();
        Serve(run, Content, Name);
        await run.DownloadAsync(Name, works: true);
        run.MustHave([.. expected]);
        for (var i = 0; i < 11; i++)
        {
            Serve(run, $"modified file contents {i}", Name);
            Serve(run, $"new file contents {i}", $"new-target-{i}");
            if (i % 5 != 0)
                continue;

            expected[0] = $"modified file contents {i}";
            await run.DownloadAsync(Name, works: true);
            run.MustHave([.. expected]);
            expected.Add($"new file contents {i}");
            await run.DownloadAsync($"new-target-{i}", works: true);
            run.MustHave([.. expected]);

            Substitute(run, Name, $"malicious contents {i}");
            run.Repository.Publish("targets", "snapshot", "timestamp");
            await run.DownloadAsync(Name, works: null);
            run.MustHave([.. expected]);
        }
    }

    private static async Task HashesAsync(ConformanceRun run, params string[] algorithms)
    {
        var repository = run.Repository;
        repository.AddArtifact("targets", Encoding.UTF8.GetBytes(Content), Name, algorithms);
        repository.Publish("targets", "snapshot", "timestamp");
        await run.InitAsync();
        await run.DownloadAsync(Name, works: true);
        var hashes = repository.Artifacts[Name].Listed["hashes"]!.AsObject().Select(h => h.Value!.GetValue<string>());
        ConformanceRun.Must(repository.ArtifactRequests is [var asked] && hashes.Contains(asked.Hash), "asked for the file otherwise than once by one of its hashes");
        run.MustHave(Content);
    }

    private static async Task UnknownHashAsync(ConformanceRun run)
    {
        var repository = run.Repository;
        repository.AddArtifact("targets", Encoding.UTF8.GetBytes(Content), Name, "sha512");
        var hashes = repository.Artifacts[Name].Listed["hashes"]!.AsObject();
        hashes["unknown-hash"] = (JsonNode)hashes["sha512"]!.GetValue<string>();
        hashes.Remove("sha512");
        repository.Publish("targets", "snapshot", "timestamp");
        await run.InitAsync();
        await run.DownloadAsync(Name, works: false);
        run.MustHave();
    }

    private static async Task CachedAsync(ConformanceRun run)
    {
        await run.InitAsync();
        Serve(run, Content, Name);
        await run.DownloadAsync(Name, works: true);
        await run.DownloadAsync(Name, works: true);
        run.MustHave(Content);
        ConformanceRun.Must(run.Repository.ArtifactRequests.Count == 1, "downloaded a file again that it had");
    }

    private static void Serve(ConformanceRun run, string content, string path)
    {
        run.Repository.AddArtifact("targets", Encoding.UTF8.GetBytes(content), path);
        run.Repository.Publish("targets", "snapshot", "timestamp");
    }

    private static void Substitute(ConformanceRun run, string path, string content) =>
        run.Repository.Artifacts[path] = run.Repository.Artifacts[path] with { Data = Encoding.UTF8.GetBytes(content) };
}
