using System.Text;

namespace EdgeFleet.Testing.Tuf;

/// <summary>Who is asked for a file, in which order; odd names.</summary>
internal static class DelegationCases
{
    private static readonly Delegated[] Tree =
    [
        new("targets", "A", "*.doc", "*.md"), new("targets", "B", "releases/*/*"), new("B", "C", "releases/x/*"), new("B", "D", "releases/y/*.zip"),
    ];

    public static IEnumerable<ConformanceCase> All =>
    [
        .. Graphs().Select(g => new ConformanceCase("test_graph_traversal", g.Name, run => TraverseAsync(run, g.Delegations, g.Visited))),
        .. Searches().Select(s => new ConformanceCase("test_targetfile_search", s.Name, run => SearchAsync(run, s.Path, s.Found, s.Visited))),
        .. ((string[])["?", "#", "/delegatedrole", "../delegatedrole"]).Select(r => new ConformanceCase("test_unusual_role_name", r, run => OddNameAsync(run, r))),
    ];

    private static IEnumerable<(string Name, Delegated[] Delegations, string Visited)> Graphs()
    {
        Delegated a = new("targets", "A"), b = new("targets", "B");
        yield return ("basic-delegation", [a], "A");
        yield return ("single-level-delegations", [a, b], "A B");
        yield return ("two-level-delegations", [a, b, new("B", "C")], "A B C");
        yield return ("two-level-test-DFS-order-of-traversal", [a, b, new("A", "C"), new("A", "D")], "A C D B");
        yield return ("three-level-delegation-test-DFS-order-of-traversal", [a, b, new("A", "C"), new("C", "D")], "A C D B");
        yield return ("two-level-terminating-ignores-all-but-roles-descendants", [a, b, new("A", "C") { IsTerminating = true }, new("A", "D")], "A C");
        yield return ("three-level-terminating-ignores-all-but-roles-descendants", [a, b, new("A", "C") { IsTerminating = true }, new("C", "D")], "A C D");
        yield return ("two-level-ignores-all-branches-not-matching-paths", [new("targets", "A", "*.py"), b, new("A", "C")], "B");
        yield return ("three-level-ignores-all-branches-not-matching-paths", [a, b, new("A", "C", "*.py"), new("C", "D")], "A B");
        yield return ("cyclic-graph", [a, b, new("B", "C"), new("C", "D"), new("D", "B")], "A B C D");
        yield return ("two-roles-delegating-to-a-third", [a, b, new("B", "C"), new("A", "C")], "A C B");
        yield return ("two-roles-delegating-to-a-third-different-paths", [a, b, new("B", "C"), new("A", "C", "*.py")], "A B C");
    }

    private static IEnumerable<(string Name, string Path, bool Found, string Visited)> Searches()
    {
        yield return ("no delegations", "targetfile", true, "");
        yield return ("targetpath matches wildcard", "README.md", true, "A");
        yield return ("targetpath with separators x", "releases/x/x_v1", true, "B C");
        yield return ("targetpath with separators y", "releases/y/y_v1.zip", true, "B D");
        yield return ("targetpath is not delegated by all roles in the chain", "releases/z/z_v1.zip", false, "B");
    }

    private static async Task TraverseAsync(ConformanceRun run, Delegated[] delegations, string visited)
    {
        await run.InitAsync();
        Delegate(run, delegations);
        run.Repository.Publish("snapshot", "timestamp");
        await run.DownloadAsync("missingpath", works: false);
        MustHaveVisited(run, visited);
    }

    private static async Task SearchAsync(ConformanceRun run, string path, bool found, string visited)
    {
        await run.InitAsync();
        Delegate(run, Tree, ("targets", "targetfile"), ("A", "README.md"), ("C", "releases/x/x_v1"), ("D", "releases/y/y_v1.zip"), ("D", "releases/z/z_v1.zip"));
        run.Repository.Publish("snapshot", "timestamp");
        await run.DownloadAsync(path, works: found);
        run.MustHave(found ? [$"content of {path}"] : []);
        MustHaveVisited(run, visited);
    }

    private static async Task OddNameAsync(ConformanceRun run, string role)
    {
        run.Repository.AddDelegation("targets", role, ["*"]);
        run.Repository.AddKey(role, "targets");
        run.Repository.Publish(role, "targets", "snapshot", "timestamp");
        await run.InitAsync();
        await run.DownloadAsync("nonexistent target", works: false);
        ConformanceRun.Must(run.Repository.MetadataRequests.Contains(new MetadataRequest(Uri.EscapeDataString(role), 1)), $"did not ask for '{Uri.EscapeDataString(role)}'");
        ConformanceRun.Must(run.Trusted.Count == 5, $"keeps {run.Trusted.Count} documents");
    }

    private static void Delegate(ConformanceRun run, Delegated[] delegations, params (string Role, string Path)[] files)
    {
        foreach (var d in delegations)
            run.Repository.AddDelegation(d.Delegator, d.Role, d.Paths.Length == 0 ? ["*"] : d.Paths, d.IsTerminating);
        foreach (var (role, path) in files)
            run.Repository.AddArtifact(role, Encoding.UTF8.GetBytes($"content of {path}"), path);
        run.Repository.Publish(delegations.SelectMany(d => (string[])[d.Delegator, d.Role]).Distinct());
    }

    // After the four of every refresh.
    private static void MustHaveVisited(ConformanceRun run, string roles) =>
        run.MustHaveAsked(string.Join(", ", roles.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(r => $"{r} 1")), skip: 4);

    private sealed record Delegated(string Delegator, string Role, params string[] Paths)
    {
        public bool IsTerminating { get; init; }
    }
}
