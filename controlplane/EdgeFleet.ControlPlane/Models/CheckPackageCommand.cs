using System.Globalization;
using EdgeFleet.ModelPrep.Packing;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.ControlPlane.Models;

/// <summary>
/// <c>edgefleet-controlplane check-package FOLDER [SHA256 [MEMORY_MB]]</c>: runs a stranger's models inside bounds and prints the verdict as one line of JSON.
/// With the SHA-256 of a manifest the folder is a content store, in which files lie under their digests.
/// </summary>
internal static class CheckPackageCommand
{
    /// <summary>Name of the command.</summary>
    public const string Name = "check-package";

    private const int NotUnderstood = 64;
    private const int DefaultMemoryMb = 2048;

    /// <summary>Checks; returns 0 whatever the verdict is, 64 when it was called wrongly.</summary>
    public static int Run(IReadOnlyList<string> arguments)
    {
        var (memoryMb, manifest) = (DefaultMemoryMb, default(Sha256Digest));
        if (arguments.Count is < 1 or > 3
            || (arguments.Count >= 2 && !Sha256Digest.TryParse(arguments[1], out manifest))
            || (arguments.Count == 3 && !int.TryParse(arguments[2], CultureInfo.InvariantCulture, out memoryMb)))
        {
            Console.Error.WriteLine($"Usage: edgefleet-controlplane {Name} FOLDER [SHA256 [MEMORY_MB]]");
            return NotUnderstood;
        }

        ProcessBounds.Apply(memoryMb);
        Console.Out.WriteLine((manifest.Value is null ? PackageVerifier.Verify(arguments[0]) : VerifyStored(arguments[0], manifest)).ToJson());
        return 0;
    }

    private static PackageVerdict VerifyStored(string store, Sha256Digest manifest)
    {
        try
        {
            return PackageVerifier.Verify(ManifestReader.Read(File.ReadAllBytes(Path.Combine(store, manifest.Value))), file => Path.Combine(store, file.Digest.Value));
        }
        catch (Exception e) when (e is ManifestException or IOException)
        {
            return new PackageVerdict { Faults = [e.Message], Variants = [] };
        }
    }
}
