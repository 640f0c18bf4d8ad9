using System.Security.Cryptography;
using System.Text;
using EdgeFleet.Shared.Identity;

namespace EdgeFleet.Agent.Inference.Runtime;

/// <summary>Everything that what is compiled for a model depends on. What was made under other facts is never used.</summary>
internal sealed record CompiledFacts
{
    private const int KeyDigits = 16;

    /// <summary>The ONNX file.</summary>
    public required Sha256Digest Model { get; init; }

    /// <summary>The ONNX Runtime that makes it (<see cref="NativeRuntime.Identity"/>).</summary>
    public required string Runtime { get; init; }

    /// <summary>Execution provider.</summary>
    public required string Provider { get; init; }

    /// <summary>CPU features.</summary>
    public IReadOnlyCollection<string> CpuFeatures { get; init; } = [];

    /// <summary>Options of session and provider.</summary>
    public IReadOnlyDictionary<string, string> Options { get; init; } = new Dictionary<string, string>();

    /// <summary>What else of the board it depends on, such as GPU, driver and libraries; empty for the CPU.</summary>
    public IReadOnlyCollection<string> Board { get; init; } = [];

    /// <summary>The facts as text: equal for equal facts, whatever their order.</summary>
    public string Text()
    {
        var text = new StringBuilder();
        // With its length, so that no value can look like the next fact.
        void Add(string name, string value) => text.Append(name).Append('=').Append(value.Length).Append(':').Append(value).Append('\n');
        Add("model", Model.Value);
        Add("runtime", Runtime);
        Add("provider", Provider);
        Add("cpu", string.Join(' ', CpuFeatures.Order(StringComparer.Ordinal)));
        foreach (var (key, value) in Options.OrderBy(o => o.Key, StringComparer.Ordinal))
            Add("option " + key, value);
        foreach (var fact in Board.Order(StringComparer.Ordinal))
            Add("board", fact);
        return text.ToString();
    }

    /// <summary>SHA-256 of <see cref="Text"/>.</summary>
    public Sha256Digest Digest() => Sha256Digest.FromHash(SHA256.HashData(Encoding.UTF8.GetBytes(Text())));

    /// <summary>Name of the folder for it: the model, and the facts in short.</summary>
    public string FolderName() => $"{Model.Value}-{Digest().Value[..KeyDigits]}";
}
