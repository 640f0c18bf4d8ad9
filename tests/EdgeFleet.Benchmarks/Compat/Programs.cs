using EdgeFleet.Benchmarks.Install;
using EdgeFleet.Testing.Processes;

namespace EdgeFleet.Benchmarks.Compat;

/// <summary>Agent and control plane of one version, as they are started.</summary>
internal sealed record Programs(string Name, IReadOnlyList<string> Agent, IReadOnlyList<string> ControlPlane)
{
    private static readonly string[] Projects = ["agent/EdgeFleet.Agent", "controlplane/EdgeFleet.ControlPlane"];

    /// <summary>Those of this checkout.</summary>
    public static Programs Today { get; } = new("today", BuiltPrograms.Agent, BuiltPrograms.ControlPlane);

    /// <summary>Those of a tag: its files are taken out of the repository and built below <c>artifacts/compat</c>, once for a commit.</summary>
    /// <exception cref="ShortException">The repository does not have the tag's files, or they do not build.</exception>
    public static async Task<Programs> OfAsync(Tag tag, CancellationToken cancel)
    {
        var folder = Commands.Own("artifacts", "compat", tag.Name);
        var stamp = Path.Combine(folder, ".built");
        if (!File.Exists(stamp) || await File.ReadAllTextAsync(stamp, cancel) != tag.Commit)
        {
            await TakeOutAsync(tag, folder, cancel);
            var day = (await Tag.GitAsync(cancel, "log", "-1", "--format=%ct", tag.Commit)).Trim();
            foreach (var project in Projects)
            {
                // Into a file: the compiler's server stays behind and would hold a pipe open.
                await Commands.RunAsync(["/bin/sh", "-c", "dotnet build \"$0\" -c Release -v q --nologo -nodeReuse:false >\"$1\" 2>&1 || { tail -20 \"$1\"; exit 1; }", Path.Combine(folder, project), Path.Combine(folder, "build.log")],
                    cancel, new Dictionary<string, string> { ["SOURCE_DATE_EPOCH"] = day });
            }

            await File.WriteAllTextAsync(stamp, tag.Commit, cancel);
        }

        return new Programs(tag.Name, Managed(folder, Projects[0], "edgefleet-agent"), Managed(folder, Projects[1], "edgefleet-controlplane"));
    }

    private static async Task TakeOutAsync(Tag tag, string folder, CancellationToken cancel)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        Directory.CreateDirectory(folder);
        var archive = Path.Combine(folder, "tag.tar");
        await Tag.GitAsync(cancel, "archive", "--format=tar", "-o", archive, tag.Commit);
        await Commands.RunAsync(["tar", "-xf", archive, "-C", folder], cancel);
        File.Delete(archive);
    }

    private static string[] Managed(string folder, string project, string assembly) => ["dotnet", Path.Combine(folder, project, "bin", "Release", "net10.0", assembly + ".dll")];
}
