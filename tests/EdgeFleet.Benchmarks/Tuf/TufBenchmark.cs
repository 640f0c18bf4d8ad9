using System.Text;
using System.Text.Json.Nodes;
using EdgeFleet.Testing;
using EdgeFleet.Testing.Tuf;

namespace EdgeFleet.Benchmarks.Tuf;

/// <summary>
/// The cases of the public conformance suite, by their names there, for our program as processes over HTTP and for tuf-js; then repositories of
/// @tufjs/repo-mock for both. None is excepted.
/// </summary>
internal static class TufBenchmark
{
    /// <summary>Runs all; true when our program passes every case and decides as tuf-js does wherever that one passes.</summary>
    public static async Task<bool> RunAsync(CancellationToken cancel)
    {
        await using var judge = new Judge();
        var outcomes = new List<Outcome>();
        foreach (var (name, parameters) in ConformanceCase.Upstream)
        {
            var cases = ConformanceCase.All.Where(c => c.Name == name).ToList();
            var ours = new List<Outcome>();
            foreach (var one in cases)
            {
                cancel.ThrowIfCancellationRequested();
                ours.Add(await CompareAsync(one, judge));
            }

            var missing = parameters.DefaultIfEmpty(null).Count(p => cases.All(c => c.Parameter != p));
            outcomes.AddRange(ours);
            Console.WriteLine($"  {name,-52} {ours.Count(o => o.Fault is null),3} passed {ours.Count(o => o.Fault is not null) + missing,3} failed");
            foreach (var bad in ours.Where(o => o.Fault is not null))
                Console.WriteLine($"    {bad.Case}: {bad.Fault}");
        }

        var passed = outcomes.Count(o => o.Fault is null);
        var expected = ConformanceCase.Upstream.Values.Sum(p => Math.Max(1, p.Count));
        var differ = outcomes.Where(o => o.JudgeFault is null && !o.Same).ToList();
        Console.WriteLine($"  {ConformanceCase.Upstream.Count} names, {expected} cases: {passed} passed, {expected - passed} failed");
        Console.WriteLine($"  tuf-js passes {outcomes.Count(o => o.JudgeFault is null)}; there our verdicts differ in {differ.Count}");
        foreach (var o in differ)
            Console.WriteLine($"    {o.Case}: {o.Verdicts}; tuf-js: {o.JudgeVerdicts}");
        foreach (var o in outcomes.Where(o => o.JudgeFault is not null))
            Console.WriteLine($"    tuf-js does not pass {o.Case}: {o.JudgeFault}");

        var (mocks, equal) = await MocksAsync(judge);
        Console.WriteLine($"  repositories of @tufjs/repo-mock, whole and with one document changed: {mocks}, decided alike: {equal}");
        var ok = passed == expected && differ.Count == 0 && mocks == equal;
        Console.WriteLine($"tuf: {passed} of {expected} cases by {ConformanceCase.Upstream.Count} upstream names, {differ.Count + mocks - equal} verdicts other than tuf-js {(ok ? "ok" : "short")}");
        return ok;
    }

    private static async Task<Outcome> CompareAsync(ConformanceCase one, Judge judge)
    {
        var (fault, verdicts) = await RunAsync(one, (folder, address) => new ProgramClient(folder, address));
        var (judgeFault, judgeVerdicts) = await RunAsync(one, (folder, address) => new JudgeClient(judge, folder, address));
        return new Outcome(one, fault, verdicts, judgeFault, judgeVerdicts);
    }

    private static async Task<(string? Fault, string Verdicts)> RunAsync(ConformanceCase one, Func<TempFolder, string, IConformanceClient> newClient)
    {
        using var folder = new TempFolder();
        TufServer? server = null;
        var run = new ConformanceRun(folder.Path, source => newClient(folder, (server = new TufServer(source)).Address));
        await using var _ = server;
        string? fault = null;
        try
        {
            await one.RunAsync(run);
        }
        catch (ConformanceException e)
        {
            fault = e.Message;
        }

        return (fault, string.Join(", ", run.Verdicts));
    }

    private static async Task<(int All, int Equal)> MocksAsync(Judge judge)
    {
        var (all, equal) = (0, 0);
        foreach (var changed in (string?[])[null, "timestamp", "snapshot", "targets", "file"])
        {
            using var folder = new TempFolder();
            await judge.DoAsync(new JsonObject { ["command"] = "mock", ["folder"] = folder["repository"], ["target"] = "model.json", ["content"] = "a manifest" });
            if (changed is not null)
                Change(changed == "file" ? folder["repository", "targets", "model.json"] : folder["repository", "metadata", $"{changed}.json"]);

            byte[]? Source(string path) => File.Exists(folder["repository", path]) ? File.ReadAllBytes(folder["repository", path]) : null;
            await using var server = new TufServer(Source);
            var root = await File.ReadAllBytesAsync(folder["repository", "initial_root.json"]);
            var ours = await DownloadAsync(new ProgramClient(folder, server.Address), root, folder, "ours");
            var theirs = await DownloadAsync(new JudgeClient(judge, folder, server.Address), root, folder, "theirs");
            all++;
            equal += ours == theirs && ours == (changed is null ? 0 : 1) ? 1 : 0;
        }

        return (all, equal);
    }

    private static async Task<int> DownloadAsync(IConformanceClient client, byte[] root, TempFolder folder, string name)
    {
        var (metadata, targets) = (Directory.CreateDirectory(folder[name, "metadata"]).FullName, Directory.CreateDirectory(folder[name, "targets"]).FullName);
        await client.InitAsync(root, metadata);
        return await client.DownloadAsync(metadata, targets, "model.json", TimeProvider.System.GetUtcNow());
    }

    // Another year of the end, or another letter: still JSON, and not what was signed.
    private static void Change(string path)
    {
        var text = File.ReadAllText(path);
        File.WriteAllText(path, text.Contains("\"expires\":\"20", StringComparison.Ordinal) ? text.Replace("\"expires\":\"20", "\"expires\":\"21", StringComparison.Ordinal) : text.ToUpperInvariant(), new UTF8Encoding(false));
    }

    private sealed record Outcome(ConformanceCase Case, string? Fault, string Verdicts, string? JudgeFault, string JudgeVerdicts)
    {
        public bool Same => Verdicts == JudgeVerdicts;
    }
}
