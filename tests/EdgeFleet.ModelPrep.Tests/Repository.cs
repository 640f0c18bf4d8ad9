namespace EdgeFleet.ModelPrep.Tests;

/// <summary>Where things lie that tests read: the repository, its sample models, and the real data beside it.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string SampleModels => Path.Combine(Root, "provisioning", "samples", "models");

    /// <summary>The real coffee data; skips the test, saying so, where it is absent.</summary>
    public static (string Symptom, string Models) CoffeeOrSkip()
    {
        var folder = Root;
        while (folder is not null && !Directory.Exists(Path.Combine(folder, "shared", "data", "coffee-leaf"))) folder = Path.GetDirectoryName(folder);
        Assert.SkipWhen(folder is null, "Skipped: the real coffee data is not at ../shared/data.");
        var data = Path.Combine(folder!, "shared", "data");
        return (Path.Combine(data, "coffee-leaf", "symptom"), Path.Combine(data, "coffee-leaf-models"));
    }

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "EdgeFleet.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("EdgeFleet.sln is in no folder above the tests.");
        return folder;
    }
}

/// <summary>A folder that goes away with the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("edgefleet-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
