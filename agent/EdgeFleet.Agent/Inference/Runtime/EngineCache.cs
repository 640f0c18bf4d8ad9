using EdgeFleet.Agent.Health;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.Agent.Inference.Runtime;

/// <summary>
/// The TensorRT engines of this board, built once under the facts that they depend on and given out only while they are whole: TensorRT trusts what it finds.
/// </summary>
/// <param name="store">Where they are kept.</param>
/// <param name="builder">Builds one.</param>
/// <param name="health">Where it says that one is being built, or cannot be kept.</param>
internal sealed class EngineCache(CompiledStore store, EngineBuilder builder, HealthBoard health) : IDisposable
{
    /// <summary>Code of the warning while an engine is built.</summary>
    public const string Building = "engine-being-built";

    /// <summary>Code of the warning that engines cannot be kept.</summary>
    public const string NotKept = "engine-not-kept";

    // Each wants most of the board's memory.
    private readonly SemaphoreSlim _one = new(1);

    /// <summary>How this board runs models.</summary>
    public RuntimeUse Runtime { get; init; } = new();

    /// <summary>GPU, driver, system and libraries of the board.</summary>
    public IReadOnlyCollection<string> Board { get; init; } = [];

    /// <summary>The engine of a variant, built if there is none that is whole.</summary>
    /// <param name="packages">Folder of the packages.</param>
    /// <param name="package">The package, whose files are on disk and have been hashed.</param>
    /// <param name="variant">The variant.</param>
    /// <param name="cancel">Ends a build.</param>
    /// <returns>Its folder, null where the disk keeps none and TensorRT must build in memory; or why it could not be built.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task<(string? Folder, EngineFailure? Failure)> EnsureAsync(string packages, PackageRef package, Variant variant, CancellationToken cancel)
    {
        var facts = FactsOf(variant);
        await _one.WaitAsync(cancel);
        try
        {
            if (await store.FindAsync(facts, cancel) is { } kept)
                return (kept, null);

            health.Raise(Building, null, $"The TensorRT engine of {package.Label} ({variant.Name}) is being built for this board, which takes minutes.", "Nothing need be done; a model that serves goes on.");
            using var room = store.RoomFor(facts);
            if (await builder.BuildAsync(packages, package.Digest, variant, room.Path, cancel) is { } failure)
                return (null, failure);

            await room.KeepAsync(cancel);
            health.Clear(NotKept, null);
            return (await store.FindAsync(facts, cancel), null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            health.Raise(NotKept, null, $"The TensorRT engine of {package.Label} cannot be kept, so that every start builds it anew: {e.Message}",
                "Free space on the board's disk, see whether it is read-only (findmnt), or raise Inference:CompiledMbMax.");
            return (null, null);
        }
        finally
        {
            health.Clear(Building, null);
            _one.Release();
        }
    }

    /// <summary>The folder of an engine if there is one that is whole; null else.</summary>
    public async Task<string?> FindAsync(Variant variant, CancellationToken cancel)
    {
        try
        {
            return await store.FindAsync(FactsOf(variant), cancel);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Throws the engine of a variant away: it was whole, and its model did not open with it.</summary>
    public void Discard(Variant variant)
    {
        try
        {
            store.Discard(FactsOf(variant));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A disk that deletes nothing says so at the next build.
        }
    }

    /// <summary>What an engine depends on.</summary>
    public CompiledFacts FactsOf(Variant variant) => new()
    {
        Model = variant.File.Digest,
        Runtime = NativeRuntime.Identity(Runtime.Library),
        Provider = variant.Provider,
        Options = Runtime.EngineOptionsFor(variant).Concat(Runtime.SessionOptions.Select(o => KeyValuePair.Create("session " + o.Key, o.Value))).ToDictionary(),
        Board = Board,
    };

    /// <inheritdoc/>
    public void Dispose() => _one.Dispose();
}
