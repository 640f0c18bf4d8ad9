using System.Globalization;
using EdgeFleet.ModelPrep.Packing;

namespace EdgeFleet.ControlPlane.Models;

/// <summary><c>edgefleet-controlplane check-package FOLDER [MEMORY_MB]</c>: runs a stranger's models inside bounds and prints the verdict as one line of JSON.</summary>
internal static class CheckPackageCommand
{
    /// <summary>Name of the command.</summary>
    public const string Name = "check-package";

    /// <summary>Checks; returns 0 whatever the verdict is, 2 when it was called wrongly.</summary>
    public static int Run(IReadOnlyList<string> arguments)
    {
        if (arguments.Count is not (1 or 2) || !int.TryParse(arguments.ElementAtOrDefault(1) ?? "2048", CultureInfo.InvariantCulture, out var memoryMb))
        {
            Console.Error.WriteLine($"Usage: edgefleet-controlplane {Name} FOLDER [MEMORY_MB]");
            return 2;
        }

        ProcessBounds.Apply(memoryMb);
        Console.Out.WriteLine(PackageVerifier.Verify(arguments[0]).ToJson());
        return 0;
    }
}
