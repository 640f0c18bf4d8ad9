using System.Text.Json;
using EdgeFleet.Testing;

namespace EdgeFleet.Packaging.Tests;

public sealed class SbomTests
{
    private static readonly SbomSubject Subject = new("edgefleet-agent", "1.2.3", DateTimeOffset.FromUnixTimeSeconds(1_700_000_000));

    [Fact]
    public void Every_package_of_the_agents_lock_file_and_every_shipped_file_is_listed()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder["libx.so"], "library");
        File.WriteAllText(folder["program.pdb"], "symbols");
        var packages = LockFile.Read(File.ReadAllText(Path.Combine(RealData.CheckoutRoot, "agent/EdgeFleet.Agent/packages.publish.lock.json")), "linux-arm64");

        var text = Sbom.Write(Subject, packages, PayloadFiles.Of(folder.Path));

        using var sbom = JsonDocument.Parse(text);
        var components = sbom.RootElement.GetProperty("components").EnumerateArray().ToDictionary(c => c.GetProperty("name").GetString()!);
        Assert.Equal("CycloneDX", sbom.RootElement.GetProperty("bomFormat").GetString());
        Assert.All(["Microsoft.ML.OnnxRuntime", "MQTTnet", "SkiaSharp", "runtime.linux-arm64.Microsoft.DotNet.ILCompiler", "libx.so"], name => Assert.Contains(name, components.Keys));
        Assert.DoesNotContain("runtime.linux-x64.Microsoft.DotNet.ILCompiler", components.Keys);
        Assert.DoesNotContain("program.pdb", components.Keys);
        Assert.All(components.Values.Where(c => c.GetProperty("type").GetString() == "library"), c => Assert.Equal(128, c.GetProperty("hashes")[0].GetProperty("content").GetString()!.Length));
        Assert.Equal("2023-11-14T22:13:20Z", sbom.RootElement.GetProperty("metadata").GetProperty("timestamp").GetString());
    }

    [Fact]
    public void The_same_content_gives_the_same_document_and_another_content_another_number()
    {
        NuGetPackage[] packages = [new("A", "1.0.0", "aa", [])];

        Assert.Equal(Sbom.Write(Subject, packages, []), Sbom.Write(Subject, packages, []));
        Assert.NotEqual(Number(Sbom.Write(Subject, packages, [])), Number(Sbom.Write(Subject, [packages[0] with { Version = "1.0.1" }], [])));
    }

    [Fact]
    public void A_lock_file_that_says_nothing_of_the_machine_is_refused() =>
        Assert.Contains("linux-riscv64", Assert.Throws<InvalidDataException>(() => LockFile.Read("""{ "dependencies": { "net10.0": {}, "net10.0/linux-x64": {} } }""", "linux-riscv64")).Message, StringComparison.Ordinal);

    [Fact]
    public void The_runtime_that_a_program_brings_along_is_listed() =>
        Assert.Equal(["Microsoft.NETCore.App.Runtime.linux-x64"], RuntimeConfig.Frameworks("""{ "runtimeOptions": { "includedFrameworks": [ { "name": "Microsoft.NETCore.App", "version": "10.0.1" } ] } }""", "linux-x64").Select(f => f.Name));

    private static string Number(string sbom)
    {
        using var document = JsonDocument.Parse(sbom);
        return document.RootElement.GetProperty("serialNumber").GetString()!;
    }
}
