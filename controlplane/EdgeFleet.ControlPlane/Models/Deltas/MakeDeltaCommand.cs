using System.Globalization;
using EdgeFleet.ModelPrep.Deltas;
using EdgeFleet.Shared.Deltas;

namespace EdgeFleet.ControlPlane.Models.Deltas;

/// <summary>
/// <c>edgefleet-controlplane make-delta FROM TO DELTA MEMORY_MB</c>: makes a delta inside bounds, and applies it as a board does before it counts.
/// </summary>
internal static class MakeDeltaCommand
{
    /// <summary>Name of the command.</summary>
    public const string Name = "make-delta";

    private const int NotUnderstood = 64;
    private const int Failed = 1;

    /// <summary>Makes it; returns 0 when it is there.</summary>
    public static int Run(IReadOnlyList<string> arguments)
    {
        if (arguments is not [var from, var to, var delta, var memory] || !int.TryParse(memory, CultureInfo.InvariantCulture, out var memoryMb))
        {
            Console.Error.WriteLine($"Usage: edgefleet-controlplane {Name} FROM TO DELTA MEMORY_MB");
            return NotUnderstood;
        }

        ProcessBounds.Apply(memoryMb);
        try
        {
            File.WriteAllBytes(delta, DeltaMaker.Make(File.ReadAllBytes(from), File.ReadAllBytes(to)));
            using var after = DeltaStream.OpenAsync(from, delta, DeltaHeader.FileBytesMax).GetAwaiter().GetResult();
            after.CopyTo(Stream.Null);
            return 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or DeltaException or OutOfMemoryException)
        {
            Console.Error.WriteLine($"No delta from {from} to {to}: {e.Message}");
            return Failed;
        }
    }
}
