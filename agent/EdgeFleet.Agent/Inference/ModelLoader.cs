using System.Text.Json;
using EdgeFleet.Agent.Inference.Runtime;
using EdgeFleet.Shared.Files;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Models.Sessions;

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
            return await LoadAsync(package, manifest, reference, use, cancel);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ManifestException or JsonException)
        {
            throw new ModelLoadException($"{package.Label} was not loaded from {packages.PathOf(package.Digest)}: {e.Message}", e);
        }
    }

    /// <summary>How this board runs models.</summary>
    public RuntimeUse Runtime { get; init; } = new();

    /// <summary>TensorRT engines; null on a board without.</summary>
    public EngineCache? Engines { get; init; }

    /// <summary>Graphs kept from the time before; null where none are kept.</summary>
    public GraphCache? Graphs { get; init; }

    // The best provider first; a variant that is not there or does not run is passed over while there is another, and that is kept to be said.
    private async Task<LoadedModel> LoadAsync(PackageRef package, Manifest manifest, Reference reference, ModelUse use, CancellationToken cancel)
    {
        if (VariantChooser.Choose(manifest, board, out var reason) is null)
            throw new ModelLoadException(reason);

        var ranked = VariantChooser.Ranked(manifest, board);
        var passed = new List<string>();
        foreach (var variant in ranked)
        {
            try
            {
                var session = await OpenAsync(package, manifest, variant, use, cancel);
                return WarmUp(new LoadedModel(package, manifest, variant, reference, session) { PassedOver = passed.Count > 0 ? string.Join(' ', passed) : null });
            }
            catch (Exception e) when (variant != ranked[^1] && e is (ModelLoadException or IOException or UnauthorizedAccessException))
            {
                passed.Add(packages.Has(variant.File.Digest)
                    ? $"{variant.Name} does not serve on {variant.Provider}: {e.Message}"
                    : $"{variant.Name} for {variant.Provider} is not on this board, which got the package before it could use that.");
            }
            catch (ModelLoadException e) when (passed.Count > 0)
            {
                throw new ModelLoadException($"{string.Join(' ', passed)} {e.Message}", e);
            }
        }

        throw new InvalidOperationException("A variant that was chosen is not among those that can be.");
    }

    private async Task<ModelSession> OpenAsync(PackageRef package, Manifest manifest, Variant variant, ModelUse use, CancellationToken cancel)
    {
        await CheckAsync(variant.File.Digest, $"variant {variant.Name}", cancel);
        var (path, settings) = (packages.PathOf(variant.File.Digest), Runtime.SettingsFor(variant, use.Threads));
        var session = variant.Provider switch
        {
            ExecutionProviders.Cpu when Graphs is { } graphs => await graphs.OpenAsync(path, variant.File.Digest, manifest, settings, use.Batch, cancel),
            ExecutionProviders.TensorRt when Engines is { } engines => await OpenByEngineAsync(engines, package, manifest, variant, use, cancel),
            _ => ModelSession.Load(path, manifest.Input, manifest.Output, settings, use.Batch),
        };
        session.Place(use.Values);
        return session;
    }

    private async Task<ModelSession> OpenByEngineAsync(EngineCache engines, PackageRef package, Manifest manifest, Variant variant, ModelUse use, CancellationToken cancel)
    {
        var (folder, failure) = await engines.EnsureAsync(packages.Root, package, variant, cancel);
        if (failure is not null)
            throw new ModelLoadException($"its engine was not built: {failure.Why}");

        var runtime = folder is null ? Runtime : Runtime with { Engines = new Dictionary<string, string> { [variant.File.Digest.Value] = folder } };
        try
        {
            return ModelSession.Load(packages.PathOf(variant.File.Digest), manifest.Input, manifest.Output, runtime.SettingsFor(variant, use.Threads), use.Batch);
        }
        catch (ModelLoadException)
        {
            engines.Discard(variant);
            throw;
        }
    }

    private LoadedModel WarmUp(LoadedModel model)
    {
        using var deadline = new RunDeadline(time ?? TimeProvider.System, _runTimeout);
        var error = ReferenceFault(model.Manifest, model.Reference) ?? deadline.Run(model.Session);
        if (error is null)
            return model;

        model.Dispose();
        throw new ModelLoadException($"{model.Package.Label} does not serve on this board: {error}");
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
