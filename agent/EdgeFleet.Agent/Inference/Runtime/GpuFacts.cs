using System.Globalization;

namespace EdgeFleet.Agent.Inference.Runtime;

/// <summary>What TensorRT's engines depend on beside the model: they are good for exactly this GPU, driver, system and set of libraries.</summary>
internal static class GpuFacts
{
    /// <summary>GPU, driver and system, from the files that tell of them; what is not there is left out.</summary>
    /// <param name="root">Root of the file system; a test has one of its own.</param>
    public static IReadOnlyList<string> OfBoard(string root = "/")
    {
        var gpus = Path.Combine(root, "proc/driver/nvidia/gpus");
        string[] files =
        [
            "etc/nv_tegra_release", "proc/device-tree/model", "proc/driver/nvidia/version",
            .. Directory.Exists(gpus) ? Directory.EnumerateDirectories(gpus).Order(StringComparer.Ordinal).Select(g => Path.Combine(g, "information")) : [],
        ];
        return [.. files.Select(f => FirstLine(Path.Combine(root, f))).Where(t => t.Length > 0)];
    }

    /// <summary>Shared libraries in the memory of this process.</summary>
    public static IReadOnlySet<string> Mapped() => File.ReadLines("/proc/self/maps")
        .Select(l => l.IndexOf('/') is > 0 and var at ? l[at..] : "")
        .Where(p => Path.GetFileName(p).Contains(".so", StringComparison.Ordinal))
        .ToHashSet(StringComparer.Ordinal);

    /// <summary>A library with what changes when it is replaced.</summary>
    public static string Library(string path)
    {
        var file = new FileInfo(path);
        return file.Exists ? string.Create(CultureInfo.InvariantCulture, $"{path} {file.Length} {file.LastWriteTimeUtc.Ticks}") : path;
    }

    private static string FirstLine(string path)
    {
        try
        {
            return File.Exists(path) ? File.ReadLines(path).FirstOrDefault("").Trim('\0', ' ') : "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
