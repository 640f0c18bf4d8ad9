using System.Text.Json;
using EdgeFleet.Agent.Inference.Runtime;
using EdgeFleet.Shared.Files;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models.Sessions;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.Agent.Inference;

/// <summary>Loads the variant that fits this board from the packages on disk. What is loaded has been hashed just before: disks of field boards rot.</summary>
/// <param name="packages">Where the files of packages lie.</param>
/// <param name="board">What decides between variants.</param>
/// <param name="options">Deadline of the warm-up run; defaults when left out.</param>
/// <param name="time">Clock of that deadline; the system's when left out.</param>
internal sealed class ModelLoader(ContentStore packages, BoardFacts board, InferenceOptions? options = null, TimeProvider? time = null)
{
    private readonly TimeSpan _runTimeout = TimeSpan.FromSeconds((options ?? new InferenceOptions()).RunTimeoutSeconds);

    /// <summary>Loads a package that is wholly on disk and runs it once, so that the first sample does not pay for it.</summary>
    /// <param name="package">The package.</param>
    /// <param name="threads">Threads of a run.</param>
    /// <param name="cancel">Ends the hashing.</param>
    /// <exception cref="ModelLoadException">A file is missing or damaged, no variant fits, or ONNX Runtime refuses it; the text says which.</exception>
    public Task<LoadedModel> LoadAsync(PackageRef package, int threads, CancellationToken cancel) => LoadAsync(package, new ModelUse(threads), cancel);

    /// <inheritdoc cref="LoadAsync(PackageRef, int, CancellationToken)"/>
    /// <param name="package">The package.</param>
    /// <param name="use">How the slot uses it.</param>
    /// <param name="cancel">Ends the hashing.</param>
    public async Task<LoadedModel> LoadAsync(PackageRef package, ModelUse use, CancellationToken cancel)
    {
        try
        {
            var manifest = ManifestReader.Read(await ReadAsync(package.Digest, "manifest", cancel));
            var reference = JsonSerializer.Deserialize(await ReadAsync(manifest.Reference.Digest, "reference", cancel), WireJson.Default.Reference)
                ?? throw new ModelLoadException($"The reference of {package.Label} is 'null'.");
            var (variant, session) = await OpenAsync(manifest, use, cancel);
            session.Place(use.Values);
            return WarmUp(package, manifest, variant, reference, session);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ManifestException or JsonException)
        {
            throw new ModelLoadException($"{package.Label} was not loaded from {packages.PathOf(package.Digest)}: {e.Message}", e);
        }
    }

    /// <summary>Opens models in the way of this board; plain, on the CPU, by default.</summary>
    public SessionOpener Opener { get; init; } = new(new SessionSettings());

    /// <summary>Told when a model does not run on a provider of this board, and runs on the next one.</summary>
    public Action<string>? FellBack { get; init; }

    // The best provider first; one that refuses the model is passed over, and said.
    private async Task<(Variant Variant, ModelSession Session)> OpenAsync(Manifest manifest, ModelUse use, CancellationToken cancel)
    {
        var left = board;
        while (true)
        {
            var variant = VariantChooser.Choose(manifest, left, out var reason) ?? throw new ModelLoadException(reason);
            await CheckAsync(variant.File.Digest, $"variant {variant.Name}", cancel);
            try
            {
                return (variant, await Opener.OpenAsync(packages.PathOf(variant.File.Digest), manifest, variant, use, cancel));
            }
            catch (ModelLoadException e) when (variant.Provider != ExecutionProviders.Cpu && left.Providers.Count > 1)
            {
                left = left with { Providers = [.. left.Providers.Where(p => p != variant.Provider)] };
                FellBack?.Invoke($"{manifest.Name}@{manifest.Version} does not run on {variant.Provider}: {e.Message} It is tried on {string.Join(", ", left.Providers)}.");
            }
        }
    }

    private LoadedModel WarmUp(PackageRef package, Manifest manifest, Variant variant, Reference reference, ModelSession session)
    {
        using var deadline = new RunDeadline(time ?? TimeProvider.System, _runTimeout);
        var error = ReferenceFault(manifest, reference) ?? deadline.Run(session);
        if (error is null)
            return new LoadedModel(package, manifest, variant, reference, session);

        session.Dispose();
        throw new ModelLoadException($"{package.Label} does not serve on this board: {error}");
    }

    private static string? ReferenceFault(Manifest manifest, Reference reference)
    {
        if (manifest.Input.Kind == "series" && reference.Inputs.Count != manifest.Input.Channels)
            return $"its reference has {reference.Inputs.Count} inputs, the model {manifest.Input.Channels} channels.";
        var features = reference.Entropy is { } entropy ? reference.Inputs.Append(entropy) : reference.Inputs;
        var crooked = features.Append(reference.Confidence).FirstOrDefault(f => !f.Edges.All(double.IsFinite) || f.Edges.Zip(f.Edges.Skip(1)).Any(e => e.First >= e.Second));
        return crooked is null ? null : $"the bin edges of '{crooked.Name}' in its reference do not grow.";
    }

    private async Task<byte[]> ReadAsync(Sha256Digest digest, string what, CancellationToken cancel)
    {
        var bytes = await File.ReadAllBytesAsync(packages.PathOf(digest), cancel);
        return Sha256Digest.Of(bytes) == digest ? bytes : throw Damaged(digest, what);
    }

    private async Task CheckAsync(Sha256Digest digest, string what, CancellationToken cancel)
    {
        if (await Sha256Digest.OfFileAsync(packages.PathOf(digest), cancel) != digest)
            throw Damaged(digest, what);
    }

    private static ModelLoadException Damaged(Sha256Digest digest, string what) =>
        new($"The {what} on disk no longer has the SHA-256 {digest.Short}...: the disk or a hand changed it.");
}
