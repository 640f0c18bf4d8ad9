using System.Globalization;
using System.Text;
using EdgeFleet.Cli;
using EdgeFleet.Packaging;

// edgefleet-packaging sbom NAME VERSION RID LOCKFILE PAYLOAD OUT [RUNTIMECONFIG]   what is in a package, as CycloneDX JSON
// edgefleet-packaging cli-docs OUT                                                 manual page and completion of the command line
// SOURCE_DATE_EPOCH is the time in what is written.
var epoch = long.TryParse(Environment.GetEnvironmentVariable("SOURCE_DATE_EPOCH"), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? seconds : 0;
var time = DateTimeOffset.FromUnixTimeSeconds(epoch);
switch (args)
{
    case ["sbom", var name, var version, var rid, var lockFile, var payload, var output, .. var more]:
        var packages = LockFile.Read(File.ReadAllText(lockFile), rid);
        var frameworks = more is [var runtimeConfig] ? RuntimeConfig.Frameworks(File.ReadAllText(runtimeConfig), rid) : [];
        await File.WriteAllTextAsync(output, Sbom.Write(new SbomSubject(name, version, time), [.. packages, .. frameworks], PayloadFiles.Of(payload)));
        return 0;
    case ["cli-docs", var folder]:
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, "edgefleet.1"), ManualPage.Of(CommandTree.Create(), time), new UTF8Encoding(false));
        await File.WriteAllTextAsync(Path.Combine(folder, "edgefleet.completion"), Completion.Bash);
        return 0;
    default:
        Console.Error.WriteLine("edgefleet-packaging: sbom NAME VERSION RID LOCKFILE PAYLOAD OUT [RUNTIMECONFIG] | cli-docs OUT");
        return 2;
}
