using System.Security.Cryptography;
using System.Text;
using EdgeFleet.Shared.Identity;

namespace EdgeFleet.Agent.Inference.Runtime;

/// <summary>Everything that what is compiled for a model depends on. A file made under other facts is never used.</summary>
internal sealed record EngineFacts
{
    /// <summary>The ONNX file.</summary>
    public required Sha256Digest Model { get; init; }

    /// <summary>Version of ONNX Runtime.</summary>
    public required string Runtime { get; init; }

    /// <summary>Execution provider.</summary>
    public required string Provider { get; init; }

    /// <summary>CPU features.</summary>
    public IReadOnlyCollection<string> CpuFeatures { get; init; } = [];

    /// <summary>Options of session and provider.</summary>
    public IReadOnlyDictionary<string, string> Options { get; init; } = new Dictionary<string, string>();

    /// <summary>The board's GPU software, for providers that use it; null for the CPU.</summary>
    public GpuFacts? Gpu { get; init; }

    /// <summary>The facts as one short name: equal for equal facts in any order.</summary>
    public string Key()
    {
        var text = new StringBuilder();
        void Add(string name, string value) => text.Append(name).Append('=').Append(value.Length).Append(':').Append(value).Append('\n');
        Add("model", Model.Value);
        Add("runtime", Runtime);
        Add("provider", Provider);
        Add("cpu", string.Join(' ', CpuFeatures.Order(StringComparer.Ordinal)));
        foreach (var (key, value) in Options.OrderBy(o => o.Key, StringComparer.Ordinal))
            Add(key, value);
        if (Gpu is { } gpu)
        {
            Add("tensorrt", gpu.TensorRt);
            Add("gpu", gpu.Gpu);
            Add("jetpack", gpu.JetPack);
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())))[..16];
    }
}

/// <summary>The GPU and its software: engines of TensorRT are good for exactly these.</summary>
/// <param name="TensorRt">Version of libnvinfer.</param>
/// <param name="Gpu">The GPU or the board that it is on.</param>
/// <param name="JetPack">First line of NVIDIA's release file, on Jetsons.</param>
internal sealed record GpuFacts(string TensorRt, string Gpu, string JetPack)
{
    private static readonly string[] LibraryFolders = ["usr/lib/aarch64-linux-gnu", "usr/lib/x86_64-linux-gnu", "usr/local/lib", "opt/tensorrt/lib"];

    /// <summary>Reads them from the files of a system; what is not there is left empty.</summary>
    public static GpuFacts Read(string root = "/") => new(TensorRtOf(root), GpuOf(root), FirstLine(Path.Combine(root, "etc/nv_tegra_release")));

    private static string TensorRtOf(string root) => LibraryFolders
        .Select(f => Path.Combine(root, f))
        .Where(Directory.Exists)
        .SelectMany(f => Directory.EnumerateFiles(f, "libnvinfer.so.*"))
        .Select(f => Path.GetFileName(f)["libnvinfer.so.".Length..])
        .MaxBy(v => v.Length) ?? "";

    private static string GpuOf(string root)
    {
        var gpus = Path.Combine(root, "proc/driver/nvidia/gpus");
        var information = Directory.Exists(gpus) ? Directory.EnumerateDirectories(gpus).Order(StringComparer.Ordinal).Select(g => FirstLine(Path.Combine(g, "information"))) : [];
        return string.Join("; ", information.Append(FirstLine(Path.Combine(root, "proc/device-tree/model"))).Where(t => t.Length > 0));
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
