namespace EdgeFleet.Testing.Processes;

/// <summary>How the programs of this checkout are started, in the configuration that the caller was built in.</summary>
public static class BuiltPrograms
{
    private static readonly string Configuration = AppContext.BaseDirectory.Contains("/Release/", StringComparison.Ordinal) ? "Release" : "Debug";

    /// <summary>The agent: as it ships where EDGEFLEET_TEST_AGENT names it, else as built.</summary>
    public static IReadOnlyList<string> Agent => Environment.GetEnvironmentVariable("EDGEFLEET_TEST_AGENT") is { Length: > 0 } shipped && File.Exists(shipped)
        ? [shipped]
        : Managed("agent/EdgeFleet.Agent", "edgefleet-agent");

    /// <summary>The control plane.</summary>
    public static IReadOnlyList<string> ControlPlane => Managed("controlplane/EdgeFleet.ControlPlane", "edgefleet-controlplane");

    /// <summary>The command line.</summary>
    public static IReadOnlyList<string> Cli => Managed("controlplane/EdgeFleet.Cli", "edgefleet");

    /// <summary>The generator of sample inputs and models.</summary>
    public static IReadOnlyList<string> Samples => Managed("provisioning/samples/EdgeFleet.Samples", "edgefleet-samples");

    private static string[] Managed(string project, string assembly)
    {
        var path = Path.Combine(RealData.CheckoutRoot, project, "bin", Configuration, "net10.0", assembly + ".dll");
        return File.Exists(path)
            ? ["dotnet", path]
            : throw new InvalidOperationException($"{path} is not built. Run: dotnet build EdgeFleet.sln -c {Configuration}");
    }
}
