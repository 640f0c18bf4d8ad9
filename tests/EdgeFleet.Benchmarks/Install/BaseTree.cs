using System.Security.Cryptography;
using System.Text;

namespace EdgeFleet.Benchmarks.Install;

/// <summary>A fresh Debian for an architecture as an archive, with what the agent's package needs fetched and not installed. Kept from run to run.</summary>
internal static class BaseTree
{
    private static readonly string[] Recipe = ["base-tree", "own-root"];

    /// <summary>Where it is kept: named by the recipe and by what the package asks for.</summary>
    public static string Archive(string architecture)
    {
        var recipe = string.Concat(Recipe.Select(f => File.ReadAllText(Commands.Own("provisioning", "deb", f)))) + File.ReadAllText(Commands.Own("provisioning", "deb", $"control.{Names.Package}"));
        return Path.Combine(Debs.Kept, $"debian-{architecture}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(recipe)))[..12]}.tar");
    }

    /// <summary>Makes it if it is not there.</summary>
    public static async Task MakeAsync(string architecture, Debs debs, string run, CancellationToken cancel)
    {
        var archive = Archive(architecture);
        if (File.Exists(archive))
            return;

        foreach (var old in Directory.GetFiles(Debs.Kept, $"debian-{architecture}-*.tar"))
            File.Delete(old);
        Told.Saw($"debootstrap of {architecture}{(architecture == Debs.Own ? "" : ", under qemu: some minutes")}");
        var (work, log) = (Path.Combine(run, $"base-{architecture}"), Path.Combine(Debs.Kept, $"debian-{architecture}.log"));
        Directory.CreateDirectory(work);
        var code = await OwnMachine.RunAsync([Commands.Own("provisioning", "deb", "base-tree"), architecture, archive, work, debs[architecture, debs.Version]], ownNetwork: false, cancel, log);
        if (code != 0)
            throw new ShortException($"The Debian for {architecture} could not be made ({code}). The end of {log}:\n{string.Join('\n', File.ReadLines(log).TakeLast(20))}");
        Directory.Delete(work, recursive: true);
    }
}
